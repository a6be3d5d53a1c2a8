// The language by example: one table a feature. Sources: docs.jsonata.org, by page.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../../../../src/values/mod.ts";
import { valueOf } from "./evaluation.ts";

const order: Json = {
  Account: {
    "Account Name": "Firefly",
    Order: [
      {
        OrderID: "order103",
        Product: [
          {
            "Product Name": "Bowler Hat",
            SKU: "0406654608",
            Description: { Colour: "Purple" },
            Price: 34.45,
            Quantity: 2,
          },
          {
            "Product Name": "Trilby hat",
            SKU: "0406634348",
            Description: { Colour: "Orange" },
            Price: 21.67,
            Quantity: 1,
          },
        ],
      },
      {
        OrderID: "order104",
        Product: [
          {
            "Product Name": "Bowler Hat",
            SKU: "040657863",
            Description: { Colour: "Purple" },
            Price: 34.45,
            Quantity: 4,
          },
          { "Product Name": "Cloak", SKU: "0406654603", Description: { Colour: "Black" }, Price: 107.99, Quantity: 1 },
        ],
      },
    ],
  },
};

const library: Json = {
  books: [
    { title: "SICP", isbn: "1" },
    { title: "C", isbn: "2" },
    { title: "AWK", isbn: "3" },
  ],
  loans: [{ customer: "c1", isbn: "2" }, { customer: "c2", isbn: "1" }, { customer: "c1", isbn: "3" }],
  customers: [{ id: "c1", name: "Joe" }, { id: "c2", name: "Ann" }],
};

type Row = readonly [behaviour: string, source: string, value: Json | undefined];

const tables: Readonly<Record<string, readonly Row[]>> = {
  "path operators": [
    ["a path maps over arrays and flattens", "$o.Account.Order.Product.Price", [34.45, 21.67, 34.45, 107.99]],
    ["a single result is no array", "$o.Account.Order[0].Product[1].SKU", "0406634348"],
    ["an index in parentheses takes the whole result", "($o.Account.Order.Product.SKU)[0]", "0406654608"],
    ["an index is taken of each", "$o.Account.Order.Product[0].SKU", ["0406654608", "040657863"]],
    ["a negative index counts from the end", "$o.Account.Order[-1].OrderID", "order104"],
    ["[] keeps an array", "$o.Account.Order[0].OrderID[]", ["order103"]],
    ["a condition filters", "$o.Account.Order.Product[Price > 100].`Product Name`", "Cloak"],
    ["order by one and another", "$o.Account.Order.Product^(>Price, SKU).SKU", [
      "0406654603",
      "040657863",
      "0406654608",
      "0406634348",
    ]],
    ["reduce groups and aggregates", "$o.Account.Order.Product{`Product Name`: $sum(Quantity)}", {
      "Bowler Hat": 6,
      "Trilby hat": 1,
      "Cloak": 1,
    }],
    ["% is the parent", "$o.Account.Order.Product[Price > 30].{'order': %.OrderID, 'sku': SKU}", [
      { order: "order103", sku: "0406654608" },
      { order: "order104", sku: "040657863" },
      { order: "order104", sku: "0406654603" },
    ]],
    ["# binds a position", "$o.Account.Order#$k.Product[Price < 30].{'k': $k, 'sku': SKU}", {
      k: 0,
      sku: "0406634348",
    }],
    [
      "@ binds a value and joins",
      "$l.loans@$loan.$l.books@$book[$loan.isbn = $book.isbn].{'title': $book.title, 'customer': $loan.customer}",
      [
        { title: "C", customer: "c1" },
        { title: "SICP", customer: "c2" },
        { title: "AWK", customer: "c1" },
      ],
    ],
    ["* takes every field", "$l.customers[0].*", ["c1", "Joe"]],
    ["** takes every level", "$o.**.OrderID", ["order103", "order104"]],
    ["what is not there is nothing", "$o.Account.Nothing.Here", undefined],
  ],
  "constructors": [
    ["an object for each", "$l.customers.{name: id}", [{ Joe: "c1" }, { Ann: "c2" }]],
    ["one object of all", "$l.customers{name: id}", { Joe: "c1", Ann: "c2" }],
    ["arrays are joined", "[$l.books.title, 'more']", ["SICP", "C", "AWK", "more"]],
    ["an array for each", "$l.customers.[name, id]", [["Joe", "c1"], ["Ann", "c2"]]],
    ["ranges", "[1..3, 7..9]", [1, 2, 3, 7, 8, 9]],
    ["nothing is left out", "{'a': $nothing, 'b': [1, $nothing]}", { b: [1] }],
  ],
  "other operators": [
    ["~> chains", "$l.books.title ~> $join('/') ~> $lowercase", "sicp/c/awk"],
    ["?: takes what is true", "'' ?: 'default'", "default"],
    ["?? takes what is something", "0 ?? 'default'", 0],
    ["in looks for a member", "'C' in $l.books.title", true],
    ["a transform changes a copy", "$l.customers[0] ~> |$|{'age': 7}, 'id'|", { name: "Joe", age: 7 }],
    ["& makes strings of its sides", "5 & true & {'a': [1]}", '5true{"a":[1]}'],
    ["comparison of nothing is nothing", "$nothing > 1", undefined],
  ],
  "functional programming": [
    ["blocks have variables of their own", "($x := 1; ($x := 2); $x)", 1],
    ["functions close over variables", "($add := function($a){ function($b){ $a + $b } }; $add(1)(2))", 3],
    ["recursion", "($f := function($n){ $n < 2 ? 1 : $n * $f($n - 1) }; $f(6))", 720],
    [
      "tail recursion does not grow the stack",
      "($f := function($n, $a){ $n = 0 ? $a : $f($n - 1, $a + 1) }; $f(20000, 0))",
      20000,
    ],
    ["partial application", "($first := $substring(?, 0, 1); $first('hello'))", "h"],
    ["function signatures", "(function($a)<s-:n>{ $length($a) })('four')", 4],
    ["functions are values", "$map([$uppercase, $lowercase], function($f){ $f('Ab') })", ["AB", "ab"]],
  ],
  "higher-order functions": [
    ["$map hands over value, index and array", "$map([5, 6], function($v, $i, $a){ $v + $i + $count($a) })", [7, 9]],
    ["$filter", "$filter([1..6], function($v){ $v % 2 = 0 })", [2, 4, 6]],
    ["$reduce", "$reduce([1..5], function($a, $b){ $a * $b })", 120],
    ["$sift", "$sift({'a': 1, 'b': 20}, function($v, $k){ $v > 10 })", { b: 20 }],
    ["$single", "$single([1, 2, 3], function($v){ $v > 2 })", 3],
    ["$each", "$each({'a': 1, 'b': 2}, function($v, $k){ $k & $v })", ["a1", "b2"]],
    ["$sort by a comparator", "$sort([3, 1, 2], function($a, $b){ $a < $b })", [3, 2, 1]],
  ],
};

for (const [feature, rows] of Object.entries(tables)) {
  for (const [behaviour, source, value] of rows) {
    test(`JSONata, ${feature}: ${behaviour}`, () => {
      deepStrictEqual(valueOf(source, { o: order, l: library }), value);
    });
  }
}
