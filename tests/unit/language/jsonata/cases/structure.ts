/** Arrays, objects and everything put together. One expression a line, over `$d` and `$e`. */
export const structureCases = String.raw`
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
