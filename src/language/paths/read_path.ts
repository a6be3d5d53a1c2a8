/**
 * Reading values by a path. Bounded: each value that a path visits is a step of the evaluation's budget.
 */
import { isJsonObject, type Json, ownValue, setOwn } from "../../values/mod.ts";
import { refuseTooLarge } from "../budget.ts";
import type { EvaluationView } from "../types.ts";
import { holdsFilter } from "./filter.ts";
import { type Filter, isPath, type Operand, type Path, type PathToken } from "./path.ts";
import { callPathFunction } from "./path_functions.ts";

/** Values that a path may find without being measured: each is at most as large as what is read. */
const FOUND_UNMEASURED_MAX = 64;

/** What a path gives that finds nothing: the reason as Jayway words it. */
export class PathMissing {
  readonly #makeReason: () => string;
  /** The last step is an index that the array does not have. */
  readonly isIndexOutOfBounds: boolean;

  /** @param makeReason Asked for by few: a filter misses a path for each item, and a reason may tell all of a document */
  constructor(makeReason: () => string, isIndexOutOfBounds = false) {
    this.#makeReason = makeReason;
    this.isIndexOutOfBounds = isIndexOutOfBounds;
  }

  get reason(): string {
    return this.#makeReason();
  }
}

/**
 * The value at a definite path, or the array of all values at an indefinite one, which may be empty.
 *
 * {@link PathMissing} when a definite path finds nothing.
 *
 * @throws {BudgetSpent} {ResultTooLarge} caught at the doors of the language
 */
export function readPath(path: Path, view: EvaluationView): Json | PathMissing {
  const root = rootValue(path, view);
  if (root === undefined) return new PathMissing(() => `No results for path: ${path.text}`);
  if (path.steps !== undefined) return readSteps(path.steps, root);
  const value = readFrom(path, root, view);
  if (Array.isArray(value) && value.length > FOUND_UNMEASURED_MAX) refuseTooLarge(value);
  return value;
}

/** As {@link readPath} from a value instead of the path's root: for `@` in filters. */
function readFrom(path: Path, root: Json, view: EvaluationView): Json | PathMissing {
  if (path.steps !== undefined) return readSteps(path.steps, root);
  const found: Json[] = [];
  const missing = walk(path.tokens, 0, root, true, view, found);
  if (!path.definite) return found; // whatever its beginning finds: AWS gives [] for "$.gone[*]"
  if (missing !== undefined) return missing;
  return found[0] ??
    (found.length > 0
      ? null
      : new PathMissing(() => `No results for path: ${normalized(path.tokens, path.tokens.length)}`));
}

function rootValue(path: Path, view: EvaluationView): Json | undefined {
  switch (path.root.kind) {
    case "input":
      return view.root;
    case "context":
      return view.scope.contextObject;
    case "variable":
      return ownValue(view.scope.variables, path.root.name);
  }
}

/** The fast way of reference paths. */
function readSteps(steps: readonly (string | number)[], root: Json): Json | PathMissing {
  let value = root;
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index];
    const next = typeof step === "string"
      ? isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined
      : Array.isArray(value) && step !== undefined
      ? value.at(step)
      : undefined;
    if (next === undefined) return missingStep(steps, index, value);
    value = next;
  }
  return value;
}

function missingStep(steps: readonly (string | number)[], index: number, value: Json): PathMissing {
  const upTo = (count: number) =>
    `$${steps.slice(0, count).map((step) => typeof step === "string" ? `['${step}']` : `[${step}]`).join("")}`;
  const step = steps[index];
  if (typeof step === "string" && !isJsonObject(value)) return notAnObject([step], () => upTo(index), value);
  if (typeof step === "number" && !Array.isArray(value)) return notAnArray(() => `[${step}]`, () => upTo(index), value);
  if (typeof step === "string" && index < steps.length - 1) {
    return new PathMissing(() => `Missing property in path ${upTo(index + 1)}`);
  }
  const isLast = index === steps.length - 1;
  return new PathMissing(() => `No results for path: ${upTo(steps.length)}`, isLast && typeof step === "number");
}

function notAnObject(names: readonly string[], path: () => string, value: Json): PathMissing {
  return new PathMissing(() =>
    `Expected to find an object with property [${
      names.map((name) => `'${name}'`).join(",")
    }] in path ${path()} but found '${javaTypeOf(value)}'. ` +
    "This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'."
  );
}

function notAnArray(fragment: () => string, path: () => string, value: Json): PathMissing {
  if (value === null) return new PathMissing(() => `The path ${path()} is null`);
  return new PathMissing(
    () =>
      `Filter: ${fragment()} can only be applied to arrays. Current context is: ${
        JSON.stringify(value).slice(0, 1_000)
      }`,
  );
}

function javaTypeOf(value: Json): string {
  const node = (name: string) => `com.fasterxml.jackson.databind.node.${name}`;
  if (value === null) return node("NullNode");
  if (Array.isArray(value)) return node("ArrayNode");
  if (typeof value === "string") return node("TextNode");
  if (typeof value === "boolean") return node("BooleanNode");
  return node(Number.isInteger(value) ? "IntNode" : "DoubleNode");
}

/** Walks the tokens from `at` on below `value` and gathers what is found. `definite`: all tokens so far were. */
function walk(
  tokens: readonly PathToken[],
  at: number,
  value: Json,
  definite: boolean,
  view: EvaluationView,
  found: Json[],
): PathMissing | undefined {
  view.budget.charge(1);
  const token = tokens[at];
  if (token === undefined) {
    found.push(value);
    return undefined;
  }
  const onward = (next: Json, stillDefinite: boolean) => walk(tokens, at + 1, next, stillDefinite, view, found);
  switch (token.kind) {
    case "property":
      return walkProperty(tokens, at, token.names, value, definite, onward);
    case "index":
    case "slice":
      return walkArray(tokens, at, token, value, definite, onward);
    case "wildcard":
      return forEachOf(childrenOf(value), (child) => onward(child, false));
    case "descent":
      return walkDescent(tokens, at + 1, value, view, found);
    case "filter":
      return walkFilter(token, value, definite, view, onward);
    case "function":
      return walkFunction(tokens, at, token, value, view, onward);
  }
}

type Onward = (next: Json, stillDefinite: boolean) => PathMissing | undefined;

function walkProperty(
  tokens: readonly PathToken[],
  at: number,
  names: readonly string[],
  value: Json,
  definite: boolean,
  onward: Onward,
): PathMissing | undefined {
  const isLeaf = at === tokens.length - 1;
  if (!isJsonObject(value)) return definite ? notAnObject(names, () => normalized(tokens, at), value) : undefined;
  if (names.length > 1 && isLeaf) {
    const merged: Record<string, Json> = {};
    for (const name of names) {
      const child = ownValue(value, name);
      if (child !== undefined) setOwn(merged, name, child);
    }
    return onward(merged, definite);
  }
  for (const name of names) {
    const child = ownValue(value, name);
    const missing = child !== undefined
      ? onward(child, definite && names.length === 1)
      : definite && names.length === 1 && !isLeaf
      ? new PathMissing(() => `Missing property in path ${normalized(tokens, at + 1)}`)
      : undefined;
    if (missing !== undefined) return missing;
  }
  return undefined;
}

function walkArray(
  tokens: readonly PathToken[],
  at: number,
  token: Extract<PathToken, { kind: "index" | "slice" }>,
  value: Json,
  definite: boolean,
  onward: Onward,
): PathMissing | undefined {
  if (!Array.isArray(value)) {
    return definite ? notAnArray(() => fragmentOf(token), () => normalized(tokens, at), value) : undefined;
  }
  if (token.kind === "slice") return forEachOf(value.slice(token.from ?? 0, token.to), (child) => onward(child, false));
  for (const index of token.indexes) {
    const child = value.at(index);
    const missing = child === undefined ? undefined : onward(child, definite && token.indexes.length === 1);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** Applies the token behind `..` to the value and all containers below it, outer ones first. */
function walkDescent(
  tokens: readonly PathToken[],
  at: number,
  value: Json,
  view: EvaluationView,
  found: Json[],
): PathMissing | undefined {
  const waiting: Json[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === null || typeof next !== "object") continue;
    const missing = walkBelow(tokens, at, next, view, found);
    if (missing !== undefined) return missing;
    const children = childrenOf(next);
    view.budget.charge(children.length);
    for (let index = children.length - 1; index >= 0; index--) waiting.push(children[index] ?? null);
  }
  return undefined;
}

function walkBelow(
  tokens: readonly PathToken[],
  at: number,
  value: Json,
  view: EvaluationView,
  found: Json[],
): PathMissing | undefined {
  // Jayway asks the filter behind ".." of each object it passes, and of no array: an item would come twice.
  if (tokens[at]?.kind === "filter" && Array.isArray(value)) return undefined;
  return walk(tokens, at, value, false, view, found);
}

function walkFilter(
  token: Extract<PathToken, { kind: "filter" }>,
  value: Json,
  definite: boolean,
  view: EvaluationView,
  onward: Onward,
): PathMissing | undefined {
  if (Array.isArray(value)) {
    return forEachOf(value, (child) => passesFilter(token.filter, child, view) ? onward(child, false) : undefined);
  }
  if (isJsonObject(value)) return passesFilter(token.filter, value, view) ? onward(value, false) : undefined;
  return definite
    ? new PathMissing(
      () => `Filter: ${token.text} can not be applied to primitives. Current context is: ${JSON.stringify(value)}`,
    )
    : undefined;
}

function passesFilter(filter: Filter, item: Json, view: EvaluationView): boolean {
  return holdsFilter(filter, (operand) => operandValue(operand, item, view), view.budget);
}

function operandValue(operand: Operand, item: Json, view: EvaluationView): Json | undefined {
  view.budget.charge(1);
  if (operand.kind === "literal") return operand.value;
  const root = operand.kind === "item" ? item : rootValue(operand.path, view);
  const value = root === undefined ? undefined : readFrom(operand.path, root, view);
  if (value instanceof PathMissing) return undefined;
  return !operand.path.definite && Array.isArray(value) && value.length === 0 ? undefined : value;
}

function walkFunction(
  tokens: readonly PathToken[],
  at: number,
  token: Extract<PathToken, { kind: "function" }>,
  value: Json,
  view: EvaluationView,
  onward: Onward,
): PathMissing | undefined {
  const parameters: Json[] = [];
  for (const parameter of token.parameters) {
    if (!isPath(parameter)) {
      parameters.push(parameter);
      continue;
    }
    const read = readPath(parameter, view);
    if (read instanceof PathMissing) return read;
    parameters.push(read);
  }
  const result = callPathFunction(token.name, value, parameters, view.budget);
  if (result === undefined) return new PathMissing(() => `No results for path: ${normalized(tokens, at + 1)}`);
  return onward(result, true);
}

function forEachOf(values: readonly Json[], visit: (value: Json) => PathMissing | undefined): PathMissing | undefined {
  for (const value of values) {
    const missing = visit(value);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

function childrenOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

/** The first `count` tokens in bracket notation, as Jayway prints paths. */
function normalized(tokens: readonly PathToken[], count: number): string {
  return `$${tokens.slice(0, count).map(fragmentOf).join("")}`;
}

function fragmentOf(token: PathToken): string {
  switch (token.kind) {
    case "property":
      return `[${token.names.map((name) => `'${name}'`).join(",")}]`;
    case "index":
      return `[${token.indexes.join(",")}]`;
    case "slice":
      return `[${token.from ?? ""}:${token.to ?? ""}]`;
    case "wildcard":
      return "[*]";
    case "descent":
      return "..";
    case "filter":
      return token.text;
    case "function":
      return `.${token.name}()`;
  }
}
