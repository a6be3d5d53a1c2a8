/**
 * Paths of the JSONPath query language: Jayway's dialect, as AWS uses it, with the roots that ASL adds.
 */
import type { Json } from "../../values/mod.ts";

/** Where a path begins: `$`, `$$` or `$name`. */
export type PathRoot = { readonly kind: "input" } | { readonly kind: "context" } | {
  readonly kind: "variable";
  readonly name: string;
};

/** One step of a path. */
export type PathToken =
  | { readonly kind: "property"; readonly names: readonly string[] }
  | { readonly kind: "index"; readonly indexes: readonly number[] }
  | { readonly kind: "slice"; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: "wildcard" }
  | { readonly kind: "descent" }
  | { readonly kind: "filter"; readonly filter: Filter; readonly text: string }
  | { readonly kind: "function"; readonly name: string; readonly parameters: readonly (Json | Path)[] };

/** A path ready to be read. */
export interface Path {
  readonly isPath: true;
  /** As written. */
  readonly text: string;
  readonly root: PathRoot;
  readonly tokens: readonly PathToken[];
  /** At most one value: no wildcard, descent, slice, union or filter. An indefinite path gives an array. */
  readonly definite: boolean;
  /** Names and indexes alone, one each: the steps of a reference path. `undefined` for all other paths. */
  readonly steps: readonly (string | number)[] | undefined;
}

/** An operand of a filter: a literal, or a path from the current item (`@`) or from a root (`$`). */
export type Operand =
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "item"; readonly path: Path }
  | { readonly kind: "root"; readonly path: Path };

/** The condition in `[?( … )]`. */
export type Filter =
  | { readonly kind: "or" | "and"; readonly operands: readonly Filter[] }
  | { readonly kind: "not"; readonly operand: Filter }
  | { readonly kind: "exists"; readonly operand: Operand }
  | { readonly kind: "compare"; readonly operator: FilterOperator; readonly left: Operand; readonly right: Operand };

/** Jayway's filter operators but the regular expression `=~`. */
export const filterOperators = [
  "==",
  "!=",
  "<=",
  "<",
  ">=",
  ">",
  "in",
  "nin",
  "subsetof",
  "anyof",
  "noneof",
  "contains",
  "size",
  "empty",
] as const;
/** One of {@link filterOperators}. */
export type FilterOperator = (typeof filterOperators)[number];

/** True for a path among the parameters of a path's function. */
export function isPath(parameter: Json | Path): parameter is Path {
  return typeof parameter === "object" && parameter !== null && "isPath" in parameter && "tokens" in parameter;
}

/** Assembles a path from its tokens. */
export function makePath(text: string, root: PathRoot, tokens: readonly PathToken[]): Path {
  const definite = tokens.every(isDefinite);
  const steps: (string | number)[] = [];
  for (const token of tokens) {
    if (token.kind === "property" && token.names.length === 1) steps.push(...token.names);
    else if (token.kind === "index" && token.indexes.length === 1) steps.push(...token.indexes);
    else return { isPath: true, text, root, tokens, definite, steps: undefined };
  }
  return { isPath: true, text, root, tokens, definite, steps };
}

function isDefinite(token: PathToken, index: number, tokens: readonly PathToken[]): boolean {
  switch (token.kind) {
    case "property": // several names at the end make one object of them
      return token.names.length === 1 || index === tokens.length - 1;
    case "index":
      return token.indexes.length === 1;
    case "function":
      return true;
    default:
      return false;
  }
}
