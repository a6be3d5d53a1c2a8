/** `T` without `undefined`: a field that might have been it may be absent instead. */
export type Present<T> =
  & { [Field in keyof T as undefined extends T[Field] ? never : Field]: T[Field] }
  & { [Field in keyof T as undefined extends T[Field] ? Field : never]?: Exclude<T[Field], undefined> };

/**
 * Only the fields that have a value: records and answers leave out what is not there, and never hold `undefined`.
 *
 * @example
 * ```ts
 * import { deepStrictEqual } from "node:assert/strict";
 * const key: string | undefined = undefined;
 * deepStrictEqual({ name: "order", ...present({ key, revision: 1 }) }, { name: "order", revision: 1 });
 * ```
 */
export function present<T extends object>(fields: T): Present<T>;
export function present(fields: Readonly<Record<string, unknown>>): object {
  const found: Record<string, unknown> = {};
  for (const field in fields) if (fields[field] !== undefined) found[field] = fields[field];
  return found;
}
