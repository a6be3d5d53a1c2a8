/** Paths, conditions, grouping, order, and names bound along the way. One expression a line, over `$d` and `$e`. */
export const pathCases = String.raw`
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
