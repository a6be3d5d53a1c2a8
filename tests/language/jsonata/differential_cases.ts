/** Expressions over `$d` and `$e`, for which we must agree with the jsonata package: value, nothing, or failure with the same code. */
import type { Json } from "../../../src/values/mod.ts";

/** Values for `$d` and `$e`. */
export const differentialInputs: readonly Readonly<Record<string, Json>>[] = [
  {
    d: {
      name: "order",
      n: 3,
      f: 2.5,
      t: true,
      nil: null,
      empty: [],
      one: ["only"],
      nums: [3, 1, 2, 2],
      words: ["pear", "apple", "fig"],
      mixed: [1, "a", null, true, [2], { x: 1 }],
      nested: [[1, 2], [3, [4]], 5],
      items: [
        { id: "a", price: 10, qty: 2, tags: ["x", "y"], owner: { name: "ann", age: 30 } },
        { id: "b", price: 5.5, qty: 1, tags: ["y"], owner: { name: "bob", age: 25 } },
        { id: "c", price: 10, qty: 7, tags: [], owner: { name: "ann", age: 30 } },
        { id: "d", price: 1, tags: ["z", "x"] },
      ],
      deep: { a: { b: { c: [{ d: 1 }, { d: 2, e: { d: 3 } }] } } },
      "odd key": { "a.b": 1 },
      text: "The quick brown fox, the lazy dog",
      when: "2024-02-29T13:05:09.045Z",
    },
    e: { b: [10, 20], k: "id", limit: 5 },
  },
  { d: { items: { id: "solo", price: 4, qty: 1, tags: ["x"] }, nums: 7, words: "w", n: "3", name: "", f: -0.5 }, e: 2 },
  { d: [{ items: [{ id: "p", price: 1, qty: 1 }], n: 1 }, { items: [{ id: "q", price: 2 }], n: 2 }], e: [] },
  { d: "plain", e: null },
  { e: {} },
];

const paths = String.raw`
$d
$d.n
$d.items
$d.items.id
$d.items[0]
$d.items[-1].id
$d.items[0].id
$d.items.tags
$d.items.tags[0]
($d.items.tags)[0]
$d.items[price > 4].id
$d.items[price > 4][0].id
$d.items[price > 4 and qty < 5].id
$d.items[tags = "x"].id
$d.items["x" in tags].id
$d.items[[0..1]].id
$d.items[[-1, 0]].id
$d.items[[0, 0]].id
$d.items[$.qty].id
$d.items[owner].id
$d.items[].id
$d.items.id[]
$d.one[]
$d.name[]
$d.missing[]
$d.items[id = "a"][].price
$d.items[0].tags[]
$d.*
$d.items.*
$d.items[0].*
$d.**.d
{"k": []}.*
{"k": [1]}.*
{"k": 1}.*
{"k": [1], "l": 2}.*
{"k": [[1]]}.*[0]
$d.deep.**.d
$d.deep.a.b.c.d
$d.nested
$d.nested[0]
$d.nested.$
$d.nested.($ * 2)
$d.nested[1][1]
$d.mixed[3]
$d.mixed[type = "x"]
$d."odd key"."a.b"
$d.${"`odd key`.`a.b`"}
$d.items.(price * qty)
$d.items.{"id": id, "total": price * qty}
$d.items.[id, price]
$d.items.[id]
$d.[n, name]
[$d.items.id]
[$d.items[0].id]
[$d.missing]
[[$d.n], $d.n]
[1, 2, [3, 4]]
[1..3, 7..9]
[$d.n..5]
[5..$d.n]
[$d.items.price][0]
$d.items.owner.name
$d.items.owner[name = "ann"].age
$d.items^(price).id
$d.items^(>price).id
$d.items^(>price, id).id
$d.items^(price, >qty).id
$d.items^(owner.name).id
$d.items^(<id)[0].id
$d.nums^($)
$d.words^($)
$d.words^(>$length($), $)
$d.items{id: price}
$d.items{owner.name: $sum(price)}
$d.items{owner.name: id}
$d.items{owner.name: {"ids": [id]}}
$d.items{"all": $count($)}
$d.items.tags{$: $count($)}
$d.items{price: id}
$d{"x": n, "x": name}
{"a": $d.n, "b": $d.missing, "c": [$d.missing]}
{"a": 1}.a
{"a": {"b": [1, 2]}}.a.b
{$d.name: 1}
{$d.missing: 1}
{$d.n: 1}
$d.items@$i.{"id": $i.id}
$d.items@$i[$i.price > 4].{"id": $i.id}
$d.items@$i.tags@$t.{"i": $i.id, "t": $t}
$d.items#$k.{"k": $k, "id": id}
$d.items#$k[$k > 0].id
$d.items[price > 4]#$k.{"k": $k, "id": id}
$d.items#$k.tags#$l.{"k": $k, "l": $l, "t": $}
$d.items.tags.{"t": $, "id": %.id}
$d.items.owner.{"n": name, "id": %.id}
$d.items.owner.%.id
$d.items.owner.name.%.%.id
$d.items[%.n = 3].id
$d.items@$i.$e.b.{"x": $i.id, "y": $}
$d.items@$i{$i.owner.name: $i.id}
$d.items^(id)#$k.{"k": $k, "id": id}
$d.items.(tags[0] & id)
$d.deep.a.b.c[d = 2].e.d
$d.deep.a.b.c^(>d).d
$d.deep.(a.b).c.d
$d.("a"; "b")
$d.(n; name)
($d.n)
()
($x := $d.n; $x + 1)
($x := 1; ($x := 2; $x) + $x)
($x := [1, 2, 3]; $x[1])
($x := $d.items; $x.id)
($x := $d.items.id[]; $x)
$d.items[0]{"v": price}
$d.nums.{"v": $}
$d.nums[$ > 1]
$d.nums[$ = 2]
$d.words[$ = "fig"]
$d.words["fig"]
$d.items.tags[$ = "x"]
$d.items.[tags]
$d.items.[tags][0]
$d.nested[0][0]
$d.items[1]["id"]
$e.b[0]
$e[0]
$d[0].n
$d[1].items.id
$d.items.id[1]
($d.items.id)[1]
$e.*.*
**
*
$
a.b
$$`;

const operators = String.raw`
1 + 2 * 3 - 4 / 2
7 % 3
-7 % 3
- $d.n
-$d.f
-(1)
--1
1 - -1
$d.n + 1
$d.missing + 1
$d.name + 1
1 + $d.name
1 / 0 > 1
1e308 * 10 + 1
0.1 + 0.2
$d.n = 3
$d.n != 3
$d.nums = [3, 1, 2, 2]
$d.items[0] = $d.items[0]
{"a": 1, "b": 2} = {"b": 2, "a": 1}
[1] = 1
null = null
$d.nil = null
$d.missing = null
$d.missing != 1
$d.n > 2
$d.n >= 3
$d.n < 2.5
$d.n <= 3
"a" < "b"
"10" < "9"
1 < "1"
true < false
$d.missing < 1
null > 1
$d.missing < true
$d.t and $d.n
$d.t and $d.empty
$d.missing or $d.t
$d.missing and $d.t
false or 0 or "" or "x"
true and {}
true and {"a": 1}
$d.empty or [0]
[0, 0] or [[]]
"a" & "b"
"a" & 1 & true & null
$d.missing & "x"
$d.name & "-" & $d.n
"x" & [1, 2]
"x" & {"a": 1.10}
1 & 1e21
0.1 + 0.2 & ""
1 in [1, 2]
"a" in $d.words
3 in 3
$d.missing in [1]
1 in $d.missing
[1] in [[1]]
$d.t ? "yes" : "no"
$d.missing ? "yes" : "no"
$d.missing ? "yes"
$d.n > 5 ? "big" : $d.n > 2 ? "mid" : "small"
$d.missing ?: "default"
$d.name ?: "default"
0 ?: 7
$d.missing ?? "default"
$d.nil ?? "default"
$d.missing ?? $d.other ?? 1
$d.missing.x ?: $d.n ?? 2
1 = 1 and 2 = 2
"a" = 'a'
"\u0041\n\t\"\\" & '\''
"é" & "\u00e9"
1 /* comment */ + 1
/* c */ 2
1.5e2
-0
5e-1
true
null
"x" ~> $uppercase
"x" ~> $uppercase()
"abc" ~> $substring(1)
[1, 2, 3] ~> $sum ~> $string
$d.words ~> $join(",")
($f := $uppercase ~> $lowercase; $f("aB"))
($f := $substringAfter(?, "@") ~> $substringBefore(?, ".") ~> $uppercase; $f("me@host.org"))
1 ~> 2
$d.missing ~> $uppercase
$string ~> $length
and
or = 1
in.and`;

const functionsAndLambdas = String.raw`
(function($x){ $x * 2 })(4)
(λ($x){ $x })(1)
($f := function($x, $y){ $x + $y }; $f(1, 2))
($f := function($x, $y){ $y }; $f(1))
($f := function($x){ $x }; $f(1, 2, 3))
($f := function(){ 7 }; $f())
($f := function($n){ $n <= 1 ? 1 : $n * $f($n - 1) }; $f(10))
($f := function($n, $a){ $n = 0 ? $a : $f($n - 1, $a + $n) }; $f(1000, 0))
($even := function($n){ $n = 0 ? true : $odd($n - 1) }; $odd := function($n){ $n = 0 ? false : $even($n - 1) }; $even(101))
($add := function($a){ function($b){ $a + $b } }; $add(2)(3))
($f := function($a, $b, $c){ [$a, $b, $c] }; $g := $f(?, 2, ?); $g(1, 3))
($f := function($a, $b){ $a & $b }; $g := $f("x", ?); $g("y"))
$substring("hello", ?, 2)(1)
($first := $substring(?, 0, 1); $first("xyz"))
($f := function($x)<n:n>{ $x + 1 }; $f(1))
($f := function($x)<n:n>{ $x + 1 }; $f("1"))
($f := function($x)<n?:n>{ $x }; $f())
($f := function($x, $y)<s-n:s>{ $x & $y }; "a".$f(1))
($f := function($x)<a<n>:n>{ $sum($x) }; $f(5))
($f := function($x)<a<n>:n>{ $sum($x) }; $f(["a"]))
($f := function($x)<(ns):s>{ $string($x) }; $f(true))
($f := function($x)<x+:n>{ $x }; $f(1, 2))
($f := function($x)<o:o>{ $x }; $f([]))
($f := function($g)<f:x>{ $g(1) }; $f(function($x){ $x + 1 }))
($compose := function($f, $g){ function($x){ $g($f($x)) } }; $compose($uppercase, $length)("abc"))
($x := 1; $f := function(){ $x }; $x := 2; $f())
($f := function($x){ ($x := $x + 1; $x) }; $f(1))
$map([1, 2, 3], function($v){ $v * 2 })
$map([1, 2, 3], function($v, $i){ $i })
$map([1, 2, 3], function($v, $i, $a){ $count($a) - $i })
$map($d.words, $uppercase)
$map($d.nums, $string)
$map($d.words, $length)
$map(5, function($v){ $v })
$map([], function($v){ $v })
$map($d.missing, function($v){ $v })
$map([1], function($v){ $v })
$map([1, 2], function($v){ $v = 1 ? $v })
$map([[1], [2]], function($v){ $v })
$map([1.5, 2.5], $round)
$map([{"a": 1}, {"b": 2}], $keys)
$filter([1, 2, 3, 4], function($v){ $v % 2 = 0 })
$filter($d.items, function($i){ $i.price > 4 }).id
$filter([1, 2, 3], function($v, $i){ $i > 0 })
$filter([1], function($v){ false })
$filter(["a", ""], $boolean)
$single([1, 2, 3], function($v){ $v = 2 })
$single([1, 2, 3], function($v){ $v > 1 })
$single([1], function($v){ $v = 2 })
$single([4])
$single([])
$reduce([1, 2, 3], function($a, $b){ $a + $b })
$reduce([1, 2, 3], function($a, $b){ $a + $b }, 10)
$reduce([], function($a, $b){ $a + $b })
$reduce([], function($a, $b){ $a + $b }, 1)
$reduce([5], function($a, $b){ $a + $b })
$reduce([1, 2], function($a){ $a })
$reduce(["a", "b"], function($a, $b, $i){ $a & $b & $i })
$reduce(["a", "b"], function($a, $b, $i, $all){ $a & $count($all) })
$sift({"a": 1, "b": 2}, function($v){ $v > 1 })
$sift({"a": 1, "b": 2}, function($v, $k){ $k = "a" })
$sift({"a": 1}, function($v){ false })
$sift($d.items[0], function($v, $k, $o){ $type($v) = "number" })
$each({"a": 1, "b": 2}, function($v, $k){ $k & $v })
$each({}, function($v){ $v })
$d.items[0] ~> $each(function($v, $k){ $k })
$sort([3, 1, 2])
$sort(["b", "a"])
$sort([1, "a"])
$sort($d.items, function($a, $b){ $a.price > $b.price }).id
$sort($d.items, function($a, $b){ $a.price < $b.price }).id
$sort([5])
$sort(5)
$sort($d.nums, function($a, $b){ true })
$sum([1, 2, 3])
$sum(5)
$sum([])
$sum("a")
$sum([1, "a"])
$sum($d.items.(price * qty))
$sum($d.missing)
$max([1, 5, 3])
$max([])
$min([4, 2])
$average([1, 2, 3, 4])
$average([])
$count([1, 2])
$count("x")
$count($d.missing)
$count([])
$append([1], [2, 3])
$append(1, 2)
$append($d.missing, 1)
$append(1, $d.missing)
$append([], [])
$reverse([1, 2, 3])
$reverse([1])
$reverse("a")
$distinct([1, 2, 1, "1", [1], [1], {"a": 1}, {"a": 1}])
$distinct($d.nums)
$distinct(5)
$distinct($d.items.owner)
$zip([1, 2, 3], ["a", "b"])
$zip([1, 2])
$zip(1, 2)
$zip([1], $d.missing)
$keys($d)
$keys($d.items)
$keys([{"b": 1, "1": 2}, {"a": 1, "b": 3}])
$keys("x")
$keys({})
$lookup({"a": 1}, "a")
$lookup($d.items, "id")
$lookup($d, $e.k)
$lookup({"a": 1}, "toString")
$spread({"a": 1, "b": 2})
$spread([{"a": 1}, {"b": 2}])
$spread(5)
$spread("x")
$spread([])
$spread([{}])
$merge([{"a": 1, "b": 1}, {"b": 2}])
$merge({"a": 1})
$merge([])
$merge($d.missing)
$merge([1])
$exists($d.n)
$exists($d.missing)
$exists(null)
$boolean("")
$boolean("false")
$boolean([0])
$boolean([0, 1])
$boolean([[], [0]])
$boolean({})
$boolean($uppercase)
$boolean($d.missing)
$boolean(null)
$not(true)
$not($d.missing)
$not(0)
$type(null)
$type(1)
$type("a")
$type(true)
$type([])
$type({})
$type($sum)
$type(/a/)
$type(function(){ 1 })
$type($d.missing)
$error("boom")
$error()
$assert(true, "fine")
$assert(false, "broken")
$assert(false)
$assert(1)
$clone({"a": [1]})
$clone($d.items[0])
$clone([1])
$clone("x")
$d ~> |items|{"total": price * qty}|
$d ~> |items[price > 4]|{"big": true}, "tags"|
$d ~> |items|{}, ["tags", "owner"]|
$d ~> |$|{"n": 9}|
$d ~> |items|1|
$d ~> |items|{}, 1|
$d ~> |missing|{"a": 1}|
{"a": [{"b": 1}, {"b": 2}]} ~> |a|{"c": b + 1}, "b"|
($d ~> |items|{"id": "z"}|; $d.items.id)
($t := |a|{"b": 2}|; $t({"a": {"b": 1}}))
sum([1])
nofunction(1)
$nofunction(1)
"x"(1)
$d.n(1)
5 ~> $map
$uppercase(1)
$uppercase()
"abc".$uppercase()
"abc".$length()
$d.words.$uppercase()
$d.words.$substring(0, 1)
$d.words.$substring(1)
$substring("a", "b")
$map([1], 5)
$filter(5)
$join(["a", 1])
$substring()
$eval
$sum
function($x){ $x }
$sum(?)
[$sum]
{"f": $sum}
$string($sum)
$string(function(){1})
$string([$sum])
"a" & $sum
$sum = $sum
$d.items.$sum(price)`;

const strings = String.raw`
$string(5)
$string("x")
$string(1.1)
$string(0.1 + 0.2)
$string(1e21)
$string(1e-7)
$string(100000000000000000000)
$string(123456789.123456789)
$string(true)
$string(null)
$string([1, "a", null, true])
$string({"a": {"b": [1.5, "x"]}})
$string({"a": [1, {"b": 2}], "c": {}}, true)
$string([], true)
$string($d.missing)
$string(1/0)
$string([1/0])
$string("é\n\"")
$string(["é\n\"\u0001"])
$d.n.$string()
$length("hello")
$length("")
$length("😀a")
$length($d.missing)
$length(5)
$substring("hello", 1)
$substring("hello", 1, 3)
$substring("hello", -3)
$substring("hello", -3, 2)
$substring("hello", -10, 2)
$substring("hello", 10)
$substring("hello", 1, 0)
$substring("hello", 1, -1)
$substring("hello", 1.7, 2.2)
$substring("hello", -1.5)
$substring("😀bc", 1)
$substring("😀bc", 0, 1)
$substring($d.missing, 1)
$substringBefore("a-b-c", "-")
$substringBefore("abc", "-")
$substringBefore("abc", "")
$substringAfter("a-b-c", "-")
$substringAfter("abc", "-")
$substringAfter("abc", "")
$uppercase("straße")
$lowercase("ÀB")
$trim("  a \n\t b  ")
$trim("   ")
$trim("")
$pad("a", 5)
$pad("a", -5)
$pad("a", 5, "xy")
$pad("a", -5, "xy")
$pad("abc", 2)
$pad("a", 3.7, "#")
$pad("😀", 3, "😀")
$pad("a", 4, "")
$contains("abc", "b")
$contains("abc", "")
$contains("abc", /B/i)
$contains("abc", /^b/)
$contains($d.missing, "a")
$contains("a", $d.missing)
$split("a,b,c", ",")
$split("a,b,c", ",", 2)
$split("abc", "")
$split("a1b22c", /\d+/)
$split("a1b22c", /\d+/, 2)
$split("abc", /x/)
$split("a,b", ",", 0)
$split("a,b", ",", -1)
$split("a,b,c", ",", 1.5)
$split("", ",")
$split("", "")
$split($d.text, /[ ,]+/)
$split("a b", 1)
$join(["a", "b"], "-")
$join(["a", "b"])
$join("a")
$join([])
$join($d.words, ", ")
$join($d.missing)
$join([1])
$match("ababbabbb", /ab+/)
$match("ababbabbb", /a(b+)/)
$match("ababbabbb", /a(b+)/, 2)
$match("ababbabbb", /a(b+)/, 0)
$match("ababbabbb", /a(b+)/, -1)
$match("abc", /x/)
$match("abc", /(x)?b/)
$match("abc", /x*/)
$match("", /x*/)
$match($d.text, /the/i)
$match("a.b/c", /[.\/]/)
$match("line1\nline2", /^line\d$/m)
$match("2024-02-29", /(\d{4})-(\d\d)-(\d\d)/)
$replace("abcabc", "b", "X")
$replace("abcabc", "b", "X", 1)
$replace("abcabc", "b", "X", 0)
$replace("abcabc", "b", "X", -1)
$replace("abcabc", "", "X")
$replace("abc", "b", "$0")
$replace("abcabc", /b/, "[$0]")
$replace("john smith", /(\w+)\s(\w+)/, "$2, $1")
$replace("abc", /(a)(b)/, "$2$1$3$$ $x")
$replace("abc", /b/, "$1")
$replace("abc", /b/, "$12")
$replace("abcdefghijkl", /(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)/, "$11$1$12")
$replace("265USD", /(\d+)USD/, "$$$1")
$replace("temperature = 68F", /(\d+)F/, function($m){ $string($number($m.groups[0]) - 32) & "C" })
$replace("abc", /b/, function($m){ 1 })
$replace("abc", /x*/, "-")
$replace("abc", /b/i, "-", 1)
$replace("aaa", /a/, "b", 2)
$replace($d.missing, "a", "b")
$replace("abc", /z/, "-")
/ab/("xabab").match
/ab/("xabab").start
/ab/("xabab").next().start
/ab/("zz")
$base64encode("hello")
$base64encode("é")
$base64encode("")
$base64decode("aGVsbG8=")
$base64decode("w6k=")
$base64encode($d.missing)
$encodeUrlComponent("?x=test&y=é")
$encodeUrl("https://a.b/c d?x=é")
$decodeUrlComponent("%3Fx%3Dtest")
$decodeUrl("https://a.b/%E3%83%A2")
$decodeUrl("%E0")
$decodeUrlComponent("%")
$encodeUrl("\ud800")
$uppercase(null)
$formatBase(100, 2)
$formatBase(255, 16)
$formatBase(-10, 3)
$formatBase(2.5)
$formatBase(100, 1)
$formatBase(100, 37)
$formatBase(100, 36.4)`;

const numbers = String.raw`
$number("5")
$number("-1.5e3")
$number("0x1F")
$number("0b101")
$number("0o17")
$number("abc")
$number("")
$number(" 5")
$number("1e400")
$number(true)
$number(false)
$number(null)
$number([1])
$number($d.missing)
$number(5)
$floor(1.7)
$floor(-1.2)
$ceil(1.2)
$round(2.5)
$round(3.5)
$round(-2.5)
$round(2.675, 2)
$round(123.456, 1)
$round(125, -1)
$round(115, -1)
$round(1e-10, 5)
$round(0.5)
$round(-0.2)
$abs(-3)
$sqrt(16)
$sqrt(-1)
$sqrt(2)
$power(2, 10)
$power(2, -1)
$power(10, 400)
$power(-8, 1/3)
$abs($d.missing)
$floor("1")
$formatNumber(12345.6, "#,###.00")
$formatNumber(1234.5678, "00.000e0")
$formatNumber(34.555, "#0.00;(#0.00)")
$formatNumber(-34.555, "#0.00;(#0.00)")
$formatNumber(-6, "000")
$formatNumber(0.14, "01%")
$formatNumber(0.14, "###pm", {"per-mille": "pm"})
$formatNumber(1234.5678, "①①.①①①e①", {"zero-digit": "\u245f"})
$formatNumber(0.234, ".#e0")
$formatNumber(0.234, "0.0e0")
$formatNumber(0, "0.0e0")
$formatNumber(-1.5, "0.0e0")
$formatNumber(12345678, "#,##,#0")
$formatNumber(1234567.891, "#,##0.##,#")
$formatNumber(5, "0")
$formatNumber(5.5, "#")
$formatNumber(0, "#")
$formatNumber(0.5, "#")
$formatNumber(0.5, "#.#")
$formatNumber(10, "$0.00")
$formatNumber(1, "x")
$formatNumber(20, "#;#;#")
$formatNumber(20, "#.0.0")
$formatNumber(20, "#0%%")
$formatNumber(20, "#0‰‰")
$formatNumber(20, "#0%‰")
$formatNumber(20, ".e0")
$formatNumber(20, "0+.e0")
$formatNumber(20, "0,.e0")
$formatNumber(20, "0,")
$formatNumber(20, "0,,0")
$formatNumber(20, "0#.e0")
$formatNumber(20, "#0.#0e0")
$formatNumber(20, "#0.0e0%")
$formatNumber(20, "#0.0e0,0")
$formatNumber(1e10, "#,##0")
$formatNumber(1234.5, "#.##0,00", {"decimal-separator": ",", "grouping-separator": "."})
$formatNumber($d.missing, "0")
$formatInteger(2789, "w")
$formatInteger(2789, "W")
$formatInteger(2789, "Ww")
$formatInteger(21, "w;o")
$formatInteger(100, "w;o")
$formatInteger(1000000, "w")
$formatInteger(1234567890123, "w")
$formatInteger(123456789012345678, "w")
$formatInteger(0, "w")
$formatInteger(-5, "w")
$formatInteger(1999, "I")
$formatInteger(1999, "i")
$formatInteger(0, "I")
$formatInteger(28, "A")
$formatInteger(702, "a")
$formatInteger(12345, "#,##0")
$formatInteger(12345, "0,000,000")
$formatInteger(12345678, "#:###,##0")
$formatInteger(5, "#:###,##0")
$formatInteger(5, "000")
$formatInteger(21, "0;o")
$formatInteger(12, "0;o")
$formatInteger(113, "1;o")
$formatInteger(3, "1;o")
$formatInteger(1234, "٠٠٠٠")
$formatInteger(12.9, "1")
$formatInteger(1, "①")
$formatInteger(1, "0٠")
$formatInteger(1, "x")
$parseInteger("twelve thousand, four hundred and seventy-six", "w")
$parseInteger("one hundred", "w")
$parseInteger("twenty-first", "w;o")
$parseInteger("three million and two", "w")
$parseInteger("MCMXCIX", "I")
$parseInteger("xiv", "i")
$parseInteger("AB", "A")
$parseInteger("zz", "a")
$parseInteger("12,345", "#,##0")
$parseInteger("123rd", "0;o")
$parseInteger("007", "000")
$parseInteger("5", "①")
$parseInteger($d.missing, "w")`;

const dates = String.raw`
$fromMillis(1709211909045)
$fromMillis(0)
$fromMillis(-1)
$fromMillis(1709211909045, "[Y]-[M]-[D]")
$fromMillis(1709211909045, "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]")
$fromMillis(1709211909045, "[D1o] [MNn] [Y]")
$fromMillis(1709211909045, "[MN] [Mn] [MNn,3-3] [FNn] [FN,*-3] [Fn]")
$fromMillis(1709211909045, "[h]:[m] [P] [PN] [Pn]")
$fromMillis(1709211909045, "[H]:[m01]:[s] [f]")
$fromMillis(1709211909045, "[Y,2-2] [Y01] [Y,*-4] [Y9999]")
$fromMillis(1709211909045, "[YI] [Yi] [Mw] [DWw] [DwO]")
$fromMillis(1709211909045, "[W] [w] [X] [x] [xNn] [d] [F] [F0]")
$fromMillis(1104537600000, "[W] [w] [X] [x] [d]")
$fromMillis(1230768000000, "[W] [w] [X] [x]")
$fromMillis(1262304000000, "[X0001]-W[W01]-[F1]")
$fromMillis(1709211909045, "[Z] [z] [Z0] [Z00:00] [Z0000] [z0]", "+0530")
$fromMillis(1709211909045, "[Z] [z] [Z0] [Z00t] [Z01:01t]", "-0800")
$fromMillis(1709211909045, "[Z01:01t] [Z]", "+0000")
$fromMillis(1709211909045, "[Z00000]")
$fromMillis(1709211909045, "[[literal]] [Y]]]")
$fromMillis(1709211909045, "[C] [E]")
$fromMillis(1709211909045, "[ Y ] [M 01]")
$fromMillis(1709211909045, "[Y")
$fromMillis(1709211909045, "[q]")
$fromMillis(1709211909045, "[YN]")
$fromMillis(1709211909045, "[Yx]")
$fromMillis(1709211909045, "plain")
$fromMillis(1709211909045, "")
$fromMillis($d.missing)
$fromMillis(1709211909045, "[D01]/[M01]/[Y,*-2] [H#1]", "-0300")
$toMillis("2024-02-29T13:05:09.045Z")
$toMillis("2024-02-29T13:05:09Z")
$toMillis("2024-02-29T13:05:09+01:00")
$toMillis("2024-02-29T13:05:09-0530")
$toMillis("2024-02-29")
$toMillis("2024-02")
$toMillis("2024")
$toMillis("1969-12-31T23:59:59.999Z")
$toMillis("2024-02-29T13:05:09.1Z")
$toMillis("2024-02-29T13:05:09.123456Z")
$toMillis("nonsense")
$toMillis("29/02/2024")
$toMillis($d.when)
$toMillis($d.missing)
$toMillis("2024-02-29", "[Y]-[M]-[D]")
$toMillis("29 February 2024", "[D] [MNn] [Y]")
$toMillis("29 Feb 2024", "[D] [MNn,3-3] [Y]")
$toMillis("Thursday, 29th February 2024", "[FNn], [D1o] [MNn] [Y]")
$toMillis("20240229", "[Y0001][M01][D01]")
$toMillis("2024-02-29 01:05 pm", "[Y]-[M]-[D] [h]:[m] [P]")
$toMillis("2024-02-29 12:05 am", "[Y]-[M]-[D] [h]:[m] [P]")
$toMillis("2024-02-29 13:05:09.5 GMT+02:00", "[Y]-[M]-[D] [H]:[m]:[s].[f] [z]")
$toMillis("2024-02-29 13:05 +0530", "[Y]-[M]-[D] [H]:[m] [Z0]")
$toMillis("2024-060", "[Y]-[d]")
$toMillis("MMXXIV-II", "[YI]-[MI]")
$toMillis("two thousand and twenty-four", "[Yw]")
$toMillis("2024 13", "[Y] [H]")
$toMillis("2024-W09-4", "[X]-W[W]-[F]")
$toMillis("nope", "[Y]-[M]")
$toMillis("2024 x", "[Y] [q]")
$toMillis("", "")
$toMillis("2024", "[YN]")
$toMillis("a", "a")
$toMillis("2024.02", "[Y].[M]")
$toMillis("(2024)", "([Y])")
$fromMillis($toMillis("2024-02-29", "[Y]-[M]-[D]"))`;

const syntax = String.raw`
{"a": 1, "a": 2}
{"__proto__": 1}
{"constructor": 1}.constructor
{}.constructor
$d.constructor
$d.__proto__
$d.toString
$d.items.length
$d.name.length
"abc"[0]
"abc"[1]
5[0]
null[0]
[][0]
[[]][0]
[[1]][0]
[1, 2][1]
[1, 2][5]
[1, 2, 3][[1..2]]
[1, 2, 3][$ > 1]
[[1, 2], [3]].$
[[1, 2], [3]][0]
[[1, 2], [3]][0][0]
[1, [2, [3]]]
[[[1]]]
[{"a": 1}, {"a": 2}].a
[{"a": [1, 2]}, {"a": 3}].a
[{"a": [[1]]}].a
[$d.nums, 9]
[$d.nums][0]
[[$d.nums]][0]
$d.nums[0..1]
$d.nums[[0..1]]
[1..1]
[1..0]
[1.5..2]
[1.."a"]
[$d.missing..2]
["a"..2]
[-2..2]
[0..10000000]
$d.nums[-1]
$d.nums[-9]
$d.nums[1.9]
$d.nums[-1.1]
$d.nums["x"]
$d.nums[null]
$d.nums[true]
$d.nums[false]
$d.nums[[]]
$d.nums[{}]
$d.items[0][0][0].id
$d.items.(id)[0]
($d.items.(id))[0]
$d.items.{"a": id}[0]
$d.items.{"a": id}.a
$d.items{"a": id}.a
$d.(items).id
$d.items[$count(tags) > 1].id
$count($d.items[$count(tags) > 1])
$d.items.id ~> $count
$d.items.tags ~> $distinct ~> $count
$d.items.$string(price)
$d.items.$merge([$, {"x": 1}]).x
$d.items ~> $map(function($i){ $i.id })
$d.items ~> $filter(function($i){ $i.qty > 1 }) ~> $map(function($i){ $i.id }) ~> $join("+")
($d.items.price ~> $sum) / $count($d.items)
$d.items[id = $e.k]
$d.items[$lookup($, $e.k) = "a"].price
$d.items.($x := price; $x * 2)
($total := 0; $d.items.($total := $total + price); $total)
($a := 1; $b := $a + 1; [$a, $b])
($a := $b := 3; [$a, $b])
$d.items.%
$d.items.owner.%.%.n
$d.items.tags.%.id
$d.items[tags.%.id = "a"].id
$d.**[$type($) = "number"]
$d.**.name
$d.*[0]
$d.*.id
$d.items.*[0]
$d.deep.a.*.c.d
$d.deep.**
$e.*
$e.**
$each($e, function($v, $k){ $k })
$d.items[0].owner ~> $spread
$d.items[0].owner ~> $keys
$merge($d.items.{id: price})
$merge($d.items.owner)
$d.items.tags[[0, 1]]
$d.items.tags[-1]
$d.items.[tags[-1]]
$d.items#$i[$i % 2 = 0].id
$d.items@$x#$i.{"i": $i, "p": $x.price}
$d.items@$x.$d.nums@$y[$y = $x.qty].{"x": $x.id, "y": $y}
$d.items@$x.$d.items@$y[$x.price = $y.price and $x.id != $y.id].[$x.id, $y.id]
$d.items^(price)@$x.{"v": $x.id}
$d.items@$x^($x.price).{"v": $x.id}
$d.items[owner.name = "ann"]{owner.name: $count($)}
$d.items{id: {"p": price, "q": qty}}
$d.items.owner{name: $distinct(age)}
$d.items{$string(price): $append([], id)}
{"list": $d.items.id, "first": $d.items[0].id, "none": $d.items[id = "nope"]}
{"a": [], "b": {}, "c": null}
[{"a": []}].a
[{"a": null}].a
[null][0]
[[], [[]], null]
$d.empty
$d.empty[0]
[$d.empty]
$d.mixed.x
$d.mixed[x = 1]
$count($d.mixed)
$string($d.mixed)
$d.mixed ~> $distinct
$sort($d.words, function($l, $r){ $l > $r })
$sort($d.items, function($l, $r){ $l.owner.name > $r.owner.name }).id
$reduce($d.items, function($acc, $i){ $acc + $i.price }, 0)
$reduce($d.words, function($acc, $w){ $merge([$acc, {$w: $length($w)}]) }, {})
$map($d.items, function($i){ {"id": $i.id, "tags": $join($i.tags, "|")} })
$map($d.items, function($i, $k){ $i.id & $k })
$map($d.items.tags, $uppercase)
$filter($d.words, function($w){ $contains($w, "p") })
$each($d.deep, function($v){ $v })
(
  $fact := function($x){ $x <= 1 ? 1 : $x * $fact($x - 1) };
  [1..5].$fact($)
)
(
  $y := function($f){ (function($x){ $x($x) })(function($g){ $f(function($a){ ($g($g))($a) }) }) };
  [1..5].($y(function($f){ function($n){ $n < 2 ? $n : $f($n - 1) + $f($n - 2) } })($))
)`;

/** One expression a line; a line that ends inside parentheses goes on. */
function expressionsOf(text: string): string[] {
  const expressions: string[] = [];
  let open = "";
  for (const line of text.split("\n")) {
    if (open === "" && line !== "(") {
      if (line !== "") expressions.push(line);
      continue;
    }
    open += `${line}\n`;
    if (line === ")") {
      expressions.push(open);
      open = "";
    }
  }
  return expressions;
}

/** All expressions, by feature. */
export const differentialExpressions: Readonly<Record<string, readonly string[]>> = {
  paths: expressionsOf(paths),
  operators: expressionsOf(operators),
  "functions and lambdas": expressionsOf(functionsAndLambdas),
  strings: expressionsOf(strings),
  numbers: expressionsOf(numbers),
  dates: expressionsOf(dates),
  "structure and syntax": expressionsOf(syntax),
};
