import { deepStrictEqual, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { parse } from "yaml";
import { declarationOf, type MetricName, metrics } from "../../../src/telemetry/mod.ts";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFile(new URL(path, root), "utf8");

test("docs/metrics.md has every metric with its kind, unit, labels and meaning, and no other", async () => {
  const lines = (await read("docs/metrics.md")).split("\n").filter((line) => line.startsWith("| `weft_"));
  const documented = lines.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const declared = Object.keys(metrics).map((name) => {
    const { kind, unit, labels, meaning } = declarationOf(name as MetricName);
    return [`\`${name}\``, kind, unit, labels.map((label) => `\`${label}\``).join(", "), meaning];
  });
  deepStrictEqual(documented, declared);
});

/** Metrics and labels that an expression of Prometheus uses. */
function usesOf(expression: string): readonly { readonly name: string; readonly labels: readonly string[] }[] {
  return [...expression.matchAll(/\b(weft_\w+)(?:\{([^}]*)\})?/g)].map(([, name = "", matchers = ""]) => ({
    name,
    labels: [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label = ""]) => label),
  }));
}

/** What is wrong with an expression; empty: nothing. */
function faultsOf(expression: string): readonly string[] {
  const parentheses = [...expression].reduce(
    (open, character) => character === "(" ? open + 1 : character === ")" ? open - 1 : open,
    0,
  );
  const unknown = usesOf(expression).flatMap(({ name, labels }) => {
    const base = Object.hasOwn(metrics, name) ? name : name.replace(/_(bucket|sum|count)$/, "");
    if (!Object.hasOwn(metrics, base)) return [`there is no metric ${name}`];
    const { kind, labels: known } = declarationOf(base as MetricName);
    const isSuffixed = base !== name;
    return [
      ...(isSuffixed === (kind === "histogram") ? [] : [`${name} is no series of a ${kind}`]),
      ...labels.filter((label) => !known.includes(label)).map((label) => `${name} has no label ${label}`),
    ];
  });
  return [
    ...(parentheses === 0 ? [] : ["its parentheses do not match"]),
    ...(usesOf(expression).length > 0 ? [] : ["it uses no metric"]),
    ...unknown,
  ];
}

test("the check of expressions finds metrics, labels and series that are not there", () => {
  deepStrictEqual(faultsOf('sum(weft_partition_role{role="stopped"}) > 0'), []);
  deepStrictEqual(faultsOf("sum(weft_gone) > 0"), ["there is no metric weft_gone"]);
  deepStrictEqual(faultsOf('weft_partition_role{rule="x"}'), ["weft_partition_role has no label rule"]);
  deepStrictEqual(faultsOf("weft_phase_seconds"), ["weft_phase_seconds is no series of a histogram"]);
  deepStrictEqual(faultsOf("sum(weft_leases_held"), ["its parentheses do not match"]);
});

test("the dashboard shows metrics that exist, and most of them", async () => {
  const { panels } = JSON.parse(await read("examples/observability/dashboard.json")) as {
    readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
  };
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  deepStrictEqual(expressions.flatMap((expr) => faultsOf(expr).map((fault) => `${expr}: ${fault}`)), []);
  const shown = expressions.join("\n");
  const hidden = Object.keys(metrics).filter((name) => !shown.includes(name));
  ok(hidden.length <= 4, `Not on the dashboard: ${hidden.join(", ")}`);
});

test("alert rules stand on metrics that exist, and say what is wrong", async () => {
  const { groups } = parse(await read("examples/observability/alerts.yml")) as {
    readonly groups: readonly {
      readonly rules: readonly {
        readonly alert: string;
        readonly expr: string;
        readonly annotations: { readonly summary: string };
      }[];
    }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  ok(rules.length >= 6);
  deepStrictEqual(rules.flatMap(({ alert, expr }) => faultsOf(expr).map((fault) => `${alert}: ${fault}`)), []);
  ok(rules.every(({ alert, annotations }) => /^Weft[A-Z]/.test(alert) && annotations.summary.length > 10));
});
