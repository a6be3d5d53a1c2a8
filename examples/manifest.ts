/** Every example, so that a test can run them all: on each home, with the same outcome. */
import { readFileSync } from "node:fs";
import type { Json } from "../src/values/mod.ts";

/** How an execution ended. */
export type Outcome =
  | { readonly status: "Succeeded"; readonly output: Json }
  | { readonly status: "Failed"; readonly error: string; readonly cause: string };

/** One input of an example and how it must end. */
export interface ExampleCase {
  readonly name: string;
  readonly input: Json;
  readonly expected: Outcome;
}

/** A definition, the workers that it needs, and what must come out. */
export interface Example {
  /** Name of the folder and of the workflow. */
  readonly name: string;
  /** The definition's JSON text. */
  readonly definition: URL;
  /** A module that exports `handlers`, by resource. */
  readonly handlers: URL;
  readonly cases: readonly ExampleCase[];
}

/** Every example of this folder. */
export const examples: readonly Example[] = [
  example("order", ["", "declined", "out_of_stock", "invalid"]),
  example("sales_report", [""]),
  example("report_polling", ["", "failing", "slow"]),
  example("expense_approval", ["", "small", "declined"]),
  example("flaky_quote", ["", "busy", "unknown"]),
  example("invoice_run", [""]),
];

/** @param cases what stands before `input.json` and `expected.json`; nothing for the first case */
function example(name: string, cases: readonly string[]): Example {
  return {
    name,
    definition: new URL(`${name}/${name}.asl.json`, import.meta.url),
    handlers: new URL(`${name}/handlers.ts`, import.meta.url),
    cases: cases.map((prefix) => ({
      name: prefix === "" ? name : `${name}, ${prefix.replaceAll("_", " ")}`,
      input: read(name, prefix, "input"),
      expected: read(name, prefix, "expected"),
    })),
  };
}

function read(name: string, prefix: string, kind: "input" | "expected") {
  return JSON.parse(
    readFileSync(new URL(`${name}/${prefix === "" ? "" : `${prefix}_`}${kind}.json`, import.meta.url), "utf8"),
  );
}
