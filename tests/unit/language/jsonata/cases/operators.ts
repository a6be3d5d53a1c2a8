/** Operators and literals. One expression a line, over `$d` and `$e`. */
export const operatorCases = String.raw`
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
