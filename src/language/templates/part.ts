/** Parts of a template: what needs no evaluation is its value, shared by all that read it. */
import * as Result from "effect/Result";
import { type Json, setOwn } from "../../values/mod.ts";
import type { Compiled, Evaluated, EvaluationView } from "../types.ts";

/** A part without expressions is its value; another one is evaluated. */
export type Part = { readonly constant: Json } | { readonly evaluate: Compiled["evaluate"] };

/** One member of an object. */
export interface Member {
  readonly key: string;
  readonly part: Part;
}

/** A part with the JSON that it was made of. */
export function compiledOf(source: Json, part: Part): Compiled {
  if ("evaluate" in part) return { source, evaluate: part.evaluate };
  const constant = Result.succeed(part.constant);
  return { source, evaluate: () => constant };
}

/** An array of parts: `source` itself when nothing in it is evaluated. */
export function arrayPart(source: Json, parts: readonly Part[]): Part {
  if (parts.every((part) => "constant" in part)) return { constant: source };
  return {
    evaluate: (view) => {
      const values: Json[] = [];
      for (const part of parts) {
        const value = valueOf(part, view);
        if (Result.isFailure(value)) return value;
        values.push(value.success);
      }
      return Result.succeed(values);
    },
  };
}

/** An object of parts: `source` itself when nothing in it is evaluated. */
export function objectPart(source: Json, members: readonly Member[]): Part {
  if (members.every(({ part }) => "constant" in part)) return { constant: source };
  return {
    evaluate: (view) => {
      const object: Record<string, Json> = {};
      for (const { key, part } of members) {
        const value = valueOf(part, view);
        if (Result.isFailure(value)) return value;
        setOwn(object, key, value.success);
      }
      return Result.succeed(object);
    },
  };
}

function valueOf(part: Part, view: EvaluationView): Evaluated<Json> {
  return "evaluate" in part ? part.evaluate(view) : Result.succeed(part.constant);
}
