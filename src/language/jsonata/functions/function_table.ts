/** How built-in functions are listed. */
import { Builtin, type Implementation } from "../values/callable.ts";
import { Signature } from "../values/signature.ts";

/**
 * One built-in function: its arity, that is as many arguments as `$map` and the like hand over to it; its signature; and what
 * it does with arguments that fit the signature.
 */
export type FunctionRow = readonly [arity: number, signature: string, implementation: Implementation];

/** Functions by name, without `$`. */
export type FunctionTable = Readonly<Record<string, FunctionRow>>;

/** The functions of several tables as values. @throws {Error} a signature that cannot be parsed: a defect of the table */
export function functionsOf(...tables: readonly FunctionTable[]): ReadonlyMap<string, Builtin> {
  const functions = new Map<string, Builtin>();
  for (const table of tables) {
    for (const [name, [arity, definition, implementation]] of Object.entries(table)) {
      const signature = Signature.parse(definition);
      if (signature === undefined) throw new Error(`Expected a signature for "${name}", but got "${definition}"`);
      functions.set(name, new Builtin(name, arity, signature, implementation));
    }
  }
  return functions;
}
