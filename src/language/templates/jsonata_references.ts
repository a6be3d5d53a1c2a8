/**
 * What a JSONata expression refers to, so that AWS's refusals at creation can be repeated.
 *
 * An expression is evaluated without a context value: a name that is looked up there (`phone` instead of
 * `$states.input.phone`) can never be found. A step after the first one of a path, a condition in brackets, a grouping
 * and the terms of a sort are evaluated on what stands before them: names are allowed there.
 */
import { builtinFunctions } from "../jsonata/functions/mod.ts";
import { childrenOf } from "../jsonata/syntax/children.ts";
import type { Node } from "../jsonata/syntax/node.ts";

/** What of `$states` an expression may read besides `input` and `context`. */
export interface Readable {
  readonly result?: boolean;
  readonly errorOutput?: boolean;
}

/** The references of one expression. */
export interface JsonataReferences {
  /** Why AWS refuses the expression, each said once. */
  readonly refusals: readonly string[];
  /** Variables that neither the expression itself nor JSONata binds. */
  readonly variables: readonly string[];
}

/** Reads a tree. */
export function referencesOf(node: Node, readable: Readable): JsonataReferences {
  const reader = new ReferenceReader(readable);
  reader.visit(node, true);
  return { refusals: [...reader.refusals], variables: [...reader.variables].filter((name) => !reader.bound.has(name)) };
}

class ReferenceReader {
  readonly refusals = new Set<string>();
  readonly variables = new Set<string>();
  readonly bound = new Set<string>(["states", "", "$"]);
  readonly #readable: Readable;

  constructor(readable: Readable) {
    this.#readable = readable;
  }

  /** @param isTop The node is evaluated on the context value of the whole expression, which is nothing */
  visit(node: Node, isTop: boolean): void {
    if (node.focus !== undefined) this.bound.add(node.focus);
    if (node.index !== undefined) this.bound.add(node.index);
    switch (node.type) {
      case "name":
        if (isTop) this.refusals.add(`Reference to '${node.name}' at the top level is not supported.`);
        break;
      case "variable":
        this.#variable(node.name, isTop);
        break;
      case "path":
        this.#states(node.steps);
        node.steps.forEach((step, index) => this.visit(step, isTop && index === 0));
        break;
      case "bind":
        this.bound.add(node.name);
        this.visit(node.value, isTop);
        break;
      case "lambda":
        for (const parameter of node.parameters) this.bound.add(parameter);
        this.visit(node.body, isTop);
        break;
      case "transform":
        for (const child of childrenOf(node)) this.visit(child, false);
        return;
      case "sort":
        for (const { expression } of node.terms) this.visit(expression, false);
        break;
      default:
        for (const child of coreOf(node)) this.visit(child, isTop);
    }
    this.#visitApplied(node);
  }

  /** Conditions, stages and groupings: evaluated on the value that they follow. */
  #visitApplied(node: Node): void {
    for (const predicate of node.predicates) this.visit(predicate, false);
    for (const pair of node.group ?? []) for (const part of pair) this.visit(part, false);
    for (const stage of node.stages) {
      if (stage.kind === "filter") this.visit(stage.condition, false);
      else this.bound.add(stage.name);
    }
  }

  #variable(name: string, isTop: boolean): void {
    if (name === "$") this.refusals.add("Reference to '$$' is not supported.");
    else if (name === "" && isTop) this.refusals.add("Reference to '$' at the top level is not supported.");
    else if (!builtinFunctions.has(name)) this.variables.add(name);
  }

  /** `$states.result` and `$states.errorOutput` where there is none. */
  #states([first, second]: readonly Node[]): void {
    if (first?.type !== "variable" || first.name !== "states" || second?.type !== "name") return;
    const isReadable = second.name === "input" || second.name === "context" ||
      (second.name === "result" && this.#readable.result === true) ||
      (second.name === "errorOutput" && this.#readable.errorOutput === true);
    if (!isReadable) this.refusals.add(`Field '$states.${second.name}' does not exist.`);
  }
}

/** The nodes right below that are not applied to the node's own value. */
function coreOf(node: Node): readonly Node[] {
  const applied = new Set<Node>([
    ...node.predicates,
    ...(node.group?.flat() ?? []),
    ...node.stages.flatMap((stage) => stage.kind === "filter" ? [stage.condition] : []),
  ]);
  return childrenOf(node).filter((child) => !applied.has(child));
}
