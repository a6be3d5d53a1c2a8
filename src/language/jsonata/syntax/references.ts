/** What an expression refers to: for validation, before anything is evaluated. */
import { childrenOf } from "./children.ts";
import type { Node, NodeOf } from "./node.ts";

/** A variable that the expression does not bind itself. */
export interface VariableReference {
  /** Without `$`. */
  readonly name: string;
  /** The field names that follow: `["input", "order"]` for `$states.input.order[0].id`. */
  readonly fields: readonly string[];
  /** Characters from the start of the expression. */
  readonly position: number;
}

/** A reference to the context value where the expression has none: at its top level. */
export interface ContextReference {
  /** `$`, `$$`, `*`, `**`, `%`, or the name of the field. */
  readonly name: string;
  readonly position: number;
}

/** All that an expression refers to, in the order of its text as far as that goes. */
export interface References {
  /** Free variables, built-in functions left out: `$eval` is no built-in function here. */
  readonly variables: readonly VariableReference[];
  readonly context: readonly ContextReference[];
}

/** Reads the references from a tree. `isBuiltin` says which names are functions that need no binding. */
export function referencesOf(root: Node, isBuiltin: (name: string) => boolean): References {
  const collector = new Collector(isBuiltin);
  collector.visit(root, new Scope(undefined, boundNames(root)), true);
  return { variables: collector.variables, context: collector.context };
}

class Scope {
  readonly #parent: Scope | undefined;
  readonly #names: ReadonlySet<string>;

  constructor(parent: Scope | undefined, names: ReadonlySet<string>) {
    this.#parent = parent;
    this.#names = names;
  }

  has(name: string): boolean {
    return this.#names.has(name) || (this.#parent?.has(name) ?? false);
  }
}

/** Names bound by `:=`, `@` and `#` in the node, functions within it left out. A use before the binding counts as bound. */
function boundNames(node: Node, names = new Set<string>()): Set<string> {
  if (node.type === "lambda") return names;
  if (node.type === "bind") names.add(node.name);
  if (node.focus !== undefined) names.add(node.focus);
  if (node.index !== undefined) names.add(node.index);
  for (const stage of node.stages) if (stage.kind === "index") names.add(stage.name);
  for (const child of childrenOf(node)) {
    // What a block binds is seen in it alone.
    if (child.type !== "block" || child.tuple) boundNames(child, names);
  }
  return names;
}

class Collector {
  readonly variables: VariableReference[] = [];
  readonly context: ContextReference[] = [];
  readonly #isBuiltin: (name: string) => boolean;

  constructor(isBuiltin: (name: string) => boolean) {
    this.#isBuiltin = isBuiltin;
  }

  /** `isTop`: the context value here is that of the whole expression. */
  visit(node: Node, scope: Scope, isTop: boolean): void {
    this.#visitOwn(node, scope, isTop);
    // Conditions and groups are evaluated on the items before them.
    for (const condition of node.predicates) this.visit(condition, scope, false);
    for (const part of node.group?.flat() ?? []) this.visit(part, scope, false);
    for (const stage of node.stages) if (stage.kind === "filter") this.visit(stage.condition, scope, false);
  }

  #visitOwn(node: Node, scope: Scope, isTop: boolean): void {
    switch (node.type) {
      case "path":
        this.#visitPath(node, scope, isTop);
        return;
      case "variable":
        this.#variable(node, scope, isTop, []);
        return;
      case "name":
      case "wildcard":
      case "descendants":
      case "parent":
        if (isTop) this.context.push({ name: contextName(node), position: node.position });
        return;
      case "lambda":
        this.visit(node.body, new Scope(scope, new Set([...node.parameters, ...boundNames(node.body)])), isTop);
        return;
      case "transform":
        for (const child of [node.pattern, node.update, node.remove]) {
          if (child !== undefined) this.visit(child, scope, false);
        }
        return;
      case "sort":
        for (const term of node.terms) this.visit(term.expression, scope, false);
        return;
      default: {
        const inner = node.type === "block" ? new Scope(scope, boundNames(node)) : scope;
        for (const child of ownChildren(node)) this.visit(child, inner, isTop);
      }
    }
  }

  #visitPath(node: NodeOf<"path">, scope: Scope, isTop: boolean): void {
    for (const [index, step] of node.steps.entries()) {
      if (index === 0 && step.type === "variable" && step.predicates.length === 0) {
        this.#variable(step, scope, isTop, fieldNames(node.steps));
      } else {
        this.visit(step, scope, isTop && index === 0);
      }
      if (index === 0 && step.type === "variable" && step.predicates.length === 0) this.#visitStages(step, scope);
    }
  }

  #visitStages(step: Node, scope: Scope): void {
    for (const stage of step.stages) if (stage.kind === "filter") this.visit(stage.condition, scope, false);
    for (const part of step.group?.flat() ?? []) this.visit(part, scope, false);
  }

  #variable(node: NodeOf<"variable">, scope: Scope, isTop: boolean, fields: readonly string[]): void {
    const { name, position } = node;
    if (name === "" || name === "$") {
      if (isTop || name === "$") this.context.push({ name: `$${name}`, position });
    } else if (!scope.has(name) && !this.#isBuiltin(name)) {
      this.variables.push({ name, fields, position });
    }
  }
}

/** The children that are no conditions and no groups. */
function ownChildren(node: Node): readonly Node[] {
  return childrenOf({ ...node, predicates: [], group: undefined, stages: [] });
}

/** The bare names right after the first step. */
function fieldNames(steps: readonly Node[]): string[] {
  const names: string[] = [];
  for (const step of steps.slice(1)) {
    if (step.type !== "name") break;
    names.push(step.name);
    if (step.stages.length > 0) break;
  }
  return names;
}

function contextName(node: NodeOf<"name" | "wildcard" | "descendants" | "parent">): string {
  switch (node.type) {
    case "name":
      return node.name;
    case "wildcard":
      return "*";
    case "descendants":
      return "**";
    case "parent":
      return "%";
  }
}
