/** The parsed expression: what `parse.ts` makes and `compile/compile.ts` reads. */

/** Thrown within parsing and compiling: why an expression cannot be used, and where. Caught in `parse.ts` and `mod.ts`. */
export class SyntaxProblem {
  readonly message: string;
  /** Characters from the start of the expression. */
  readonly position: number;

  constructor(message: string, position: number) {
    this.message = message;
    this.position = position;
  }
}

/** A condition in brackets after an expression, or the binding of a position (`#$i`) among them. */
export type Stage =
  | { readonly kind: "filter"; readonly condition: Node }
  | { readonly kind: "index"; readonly name: string };

/** One `key: value` of an object or of a grouping. */
export type Pair = readonly [key: Node, value: Node];

/** One of the terms of `^(a, >b)`. */
export interface SortTerm {
  readonly descending: boolean;
  readonly expression: Node;
}

/** What every node has. */
export interface NodeBase {
  /** Characters from the start of the expression. */
  readonly position: number;
  /** Operations on the longest way down from here, this one included, by the stack that they take. */
  readonly depth: number;
  /** `[]` follows: a single result stays an array. */
  readonly keepArray: boolean;
  /** Conditions on the result of an expression that is no step of a path. */
  readonly predicates: readonly Node[];
  /** `{…}` follows: results are grouped. */
  readonly group: readonly Pair[] | undefined;
  /** Conditions on a step of a path. */
  readonly stages: readonly Stage[];
  /** `@$name` of a step. */
  readonly focus: string | undefined;
  /** `#$name` of a step. */
  readonly index: string | undefined;
  /** Name under which a step binds its input, for a `%` further on. */
  readonly ancestor: string | undefined;
  /** The step binds names. */
  readonly tuple: boolean;
  /** An array written as first or last step: not flattened. */
  readonly constructsArray: boolean;
}

/** The operators that are computed from the values of their two sides. */
export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "&"
  | ".."
  | "in"
  | "and"
  | "or";

/** What a node of each type has of its own. */
export type NodeDetail =
  | { readonly type: "path"; readonly steps: readonly Node[]; readonly keepSingleton: boolean }
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "literal"; readonly value: string | number | boolean | null }
  | { readonly type: "variable"; readonly name: string }
  | { readonly type: "wildcard" }
  | { readonly type: "descendants" }
  | { readonly type: "parent"; readonly label: string }
  | { readonly type: "binary"; readonly operator: BinaryOperator; readonly left: Node; readonly right: Node }
  | { readonly type: "negate"; readonly operand: Node }
  | { readonly type: "array"; readonly items: readonly Node[] }
  | { readonly type: "object"; readonly pairs: readonly Pair[] }
  | { readonly type: "condition"; readonly condition: Node; readonly then: Node; readonly otherwise: Node | undefined }
  | { readonly type: "block"; readonly expressions: readonly Node[] }
  | { readonly type: "bind"; readonly name: string; readonly value: Node }
  | { readonly type: "regex"; readonly source: string; readonly flags: string }
  | { readonly type: "call"; readonly procedure: Node; readonly arguments: readonly Node[] }
  /** `undefined`: the place of an argument still to come. */
  | { readonly type: "partial"; readonly procedure: Node; readonly arguments: readonly (Node | undefined)[] }
  | {
    readonly type: "lambda";
    readonly parameters: readonly string[];
    readonly signature: string | undefined;
    readonly body: Node;
  }
  /** A call in the last place of a function's body: made by the caller, so that the stack does not grow. */
  | { readonly type: "tailCall"; readonly call: NodeOf<"call"> }
  | { readonly type: "apply"; readonly left: Node; readonly right: Node }
  | { readonly type: "transform"; readonly pattern: Node; readonly update: Node; readonly remove: Node | undefined }
  | { readonly type: "sort"; readonly terms: readonly SortTerm[] };

/** One operation of an expression, with all below it. */
export type Node = NodeBase & NodeDetail;

/** A node of one type. */
export type NodeOf<T extends NodeDetail["type"]> = NodeBase & Extract<NodeDetail, { readonly type: T }>;
