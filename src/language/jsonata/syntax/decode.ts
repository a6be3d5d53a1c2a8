/**
 * From the parser's tree to {@link Node}. The parser's output is read as unknown data: what is not understood is a
 * {@link SyntaxProblem}, never a guess.
 */
import {
  type BinaryOperator,
  type Node,
  type NodeDetail,
  type Pair,
  type SortTerm,
  type Stage,
  SyntaxProblem,
} from "./node.ts";

type Raw = Readonly<Record<string, unknown>>;

/** A path takes about twice the stack of another operation. */
const PATH_LEVELS = 2;

const binaryOperators: ReadonlySet<string> = new Set([
  "+",
  "-",
  "*",
  "/",
  "%",
  "=",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "&",
  "..",
  "in",
  "and",
  "or",
]);

function isBinaryOperator(value: unknown): value is BinaryOperator {
  return typeof value === "string" && binaryOperators.has(value);
}

/** Decodes one tree. @throws {SyntaxProblem} */
export function decodeTree(tree: unknown, depthMax: number): Node {
  return new Decoder(depthMax).node(tree);
}

class Decoder {
  readonly #depthMax: number;
  #level = 0;
  #position = 0;

  constructor(depthMax: number) {
    this.#depthMax = depthMax;
  }

  node(value: unknown): Node {
    const raw = this.#raw(value);
    if (typeof raw["position"] === "number") this.#position = raw["position"];
    const position = this.#position;
    if (++this.#level > this.#depthMax) {
      throw new SyntaxProblem(`The expression must not be nested deeper than ${this.#depthMax} operations`, position);
    }
    const children: Node[] = [];
    const base = {
      position,
      depth: 1,
      keepArray: raw["keepArray"] === true,
      predicates: this.#list(raw["predicate"]).map((filter) => this.#child(this.#raw(filter)["expr"], children)),
      group: raw["group"] === undefined ? undefined : this.#pairs(this.#raw(raw["group"])["lhs"], children),
      stages: this.#list(raw["stages"]).map((stage) => this.#stage(this.#raw(stage), children)),
      focus: text(raw["focus"]),
      index: text(raw["index"]),
      ancestor: raw["ancestor"] === undefined ? undefined : text(this.#raw(raw["ancestor"])["label"]),
      tuple: raw["tuple"] === true,
      constructsArray: raw["consarray"] === true,
    };
    const special = this.#special(raw, children);
    this.#level--;
    let depth = 0;
    for (const child of children) depth = Math.max(depth, child.depth);
    return { ...base, ...special, depth: depth + (special.type === "path" ? PATH_LEVELS : 1) };
  }

  #child(value: unknown, children: Node[]): Node {
    const child = this.node(value);
    children.push(child);
    return child;
  }

  #children(value: unknown, children: Node[]): Node[] {
    return this.#list(value).map((child) => this.#child(child, children));
  }

  #pairs(value: unknown, children: Node[]): Pair[] {
    return this.#list(value).map((pair) => {
      const [key, item] = this.#list(pair);
      return [this.#child(key, children), this.#child(item, children)] as const;
    });
  }

  #stage(raw: Raw, children: Node[]): Stage {
    if (raw["type"] === "index") return { kind: "index", name: this.#text(raw["value"]) };
    return { kind: "filter", condition: this.#child(raw["expr"], children) };
  }

  /** The fields of the node's own type. */
  #special(raw: Raw, children: Node[]): NodeDetail {
    switch (raw["type"]) {
      case "path":
        return {
          type: "path",
          steps: this.#children(raw["steps"], children),
          keepSingleton: raw["keepSingletonArray"] === true,
        };
      case "name":
        return { type: "name", name: this.#text(raw["value"]) };
      case "string":
      case "number":
      case "value":
        return this.#literal(raw["value"]);
      case "variable":
        return { type: "variable", name: this.#text(raw["value"]) };
      case "wildcard":
        return { type: "wildcard" };
      case "descendant":
        return { type: "descendants" };
      case "parent":
        return { type: "parent", label: this.#text(this.#raw(raw["slot"])["label"]) };
      case "binary":
        return this.#binary(raw, children);
      case "unary":
        return this.#unary(raw, children);
      case "regex":
        return this.#regex(raw["value"]);
      default:
        return this.#compound(raw, children);
    }
  }

  #compound(raw: Raw, children: Node[]): NodeDetail {
    switch (raw["type"]) {
      case "condition":
        return {
          type: "condition",
          condition: this.#child(raw["condition"], children),
          then: this.#child(raw["then"], children),
          otherwise: raw["else"] === undefined ? undefined : this.#child(raw["else"], children),
        };
      case "block":
        return { type: "block", expressions: this.#children(raw["expressions"], children) };
      case "bind":
        return {
          type: "bind",
          name: this.#text(this.#raw(raw["lhs"])["value"]),
          value: this.#child(raw["rhs"], children),
        };
      case "function":
        return this.#call(raw, children);
      case "partial":
        return {
          type: "partial",
          procedure: this.#child(raw["procedure"], children),
          arguments: this.#list(raw["arguments"]).map((argument) =>
            isPlaceholder(argument) ? undefined : this.#child(argument, children)
          ),
        };
      case "lambda":
        return this.#lambda(raw, children);
      case "apply":
        return {
          type: "apply",
          left: this.#child(raw["lhs"], children),
          right: this.#child(raw["rhs"], children),
        };
      case "transform":
        return {
          type: "transform",
          pattern: this.#child(raw["pattern"], children),
          update: this.#child(raw["update"], children),
          remove: raw["delete"] === undefined ? undefined : this.#child(raw["delete"], children),
        };
      case "sort":
        return {
          type: "sort",
          terms: this.#list(raw["terms"]).map((term) => this.#sortTerm(this.#raw(term), children)),
        };
      default:
        throw this.#unknown();
    }
  }

  #literal(value: unknown): NodeDetail {
    if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      return { type: "literal", value };
    }
    throw this.#unknown();
  }

  #call(raw: Raw, children: Node[]): NodeDetail {
    return {
      type: "call",
      procedure: this.#child(raw["procedure"], children),
      arguments: this.#children(raw["arguments"], children),
    };
  }

  #lambda(raw: Raw, children: Node[]): NodeDetail {
    const body = this.#child(raw["body"], children);
    if (raw["thunk"] === true) {
      if (body.type !== "call") throw this.#unknown();
      return { type: "tailCall", call: body };
    }
    return {
      type: "lambda",
      parameters: this.#list(raw["arguments"]).map((parameter) => this.#text(this.#raw(parameter)["value"])),
      signature: raw["signature"] === undefined ? undefined : this.#text(this.#raw(raw["signature"])["definition"]),
      body,
    };
  }

  #sortTerm(raw: Raw, children: Node[]): SortTerm {
    return { descending: raw["descending"] === true, expression: this.#child(raw["expression"], children) };
  }

  #binary(raw: Raw, children: Node[]): NodeDetail {
    const operator = raw["value"];
    if (!isBinaryOperator(operator)) throw this.#unknown();
    const left = this.#child(raw["lhs"], children);
    return { type: "binary", operator, left, right: this.#child(raw["rhs"], children) };
  }

  #unary(raw: Raw, children: Node[]): NodeDetail {
    switch (raw["value"]) {
      case "-":
        return { type: "negate", operand: this.#child(raw["expression"], children) };
      case "[":
        return { type: "array", items: this.#children(raw["expressions"], children) };
      case "{":
        return { type: "object", pairs: this.#pairs(raw["lhs"], children) };
      default:
        throw this.#unknown();
    }
  }

  #regex(value: unknown): NodeDetail {
    if (value instanceof RegExp) return { type: "regex", source: value.source, flags: value.flags };
    throw new SyntaxProblem("A regular expression cannot stand to the left of ?: or ??", this.#position);
  }

  #raw(value: unknown): Raw {
    if (typeof value === "object" && value !== null) return value as Raw;
    throw this.#unknown();
  }

  #list(value: unknown): readonly unknown[] {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    throw this.#unknown();
  }

  #text(value: unknown): string {
    if (typeof value === "string") return value;
    throw this.#unknown();
  }

  #unknown(): SyntaxProblem {
    return new SyntaxProblem("The expression has a part that is not understood", this.#position);
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isPlaceholder(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as Raw)["type"] === "operator";
}
