/**
 * Variables of one set of states: the machine's, a branch's or an item processor's.
 *
 * A state reads the variables of its own scope and of those around it, but assigns only in its own, and may not use a
 * name that a scope around it uses. The states of a distributed Map read nothing from outside.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-scope
 */
import type { Findings } from "./findings.ts";

/** A variable's name, and where it stands. */
export interface Mention {
  readonly name: string;
  readonly location: string;
}

/** One scope and those within it. */
export class VariableScope {
  readonly #outer: VariableScope | undefined;
  readonly #readsOuter: boolean;
  readonly #inner: VariableScope[] = [];
  readonly #assigned: Mention[] = [];
  readonly #names = new Set<string>();
  readonly #read: Mention[] = [];

  constructor(outer: VariableScope | undefined, readsOuter: boolean) {
    this.#outer = outer;
    this.#readsOuter = readsOuter;
  }

  /** A scope within this one. */
  inner(readsOuter: boolean): VariableScope {
    const scope = new VariableScope(this, readsOuter);
    this.#inner.push(scope);
    return scope;
  }

  assigns(name: string, location: string): void {
    this.#assigned.push({ name, location });
    this.#names.add(name);
  }

  reads(name: string, location: string): void {
    this.#read.push({ name, location });
  }

  /** Findings of this scope and those within it, once all states are read. */
  check(findings: Findings): void {
    for (const { name, location } of this.#assigned) {
      if (this.#readsOuter && this.#outer?.knows(name) === true) {
        findings.error(
          "DUPLICATE_VARIABLE_NAME",
          location,
          `The variable name '${name}' was already defined in a parent scope.`,
        );
      }
    }
    for (const { name, location } of this.#read) {
      if (!this.knows(name)) {
        findings.warning("POSSIBLY_UNDEFINED_VARIABLE", location, `Variable '${name}' is possibly not defined.`);
      }
    }
    for (const scope of this.#inner) scope.check(findings);
  }

  /** What the states of this scope and those within it read. */
  allReads(): readonly Mention[] {
    return [...this.#read, ...this.#inner.flatMap((scope) => scope.allReads())];
  }

  /** True when a state of this scope may read such a variable. */
  knows(name: string): boolean {
    return this.#names.has(name) || (this.#readsOuter && this.#outer?.knows(name) === true);
  }
}
