import type { Json } from "../../values/mod.ts";
import type { EvaluationScope, EvaluationView } from "../types.ts";

/** What one stage of a state sees. The bindings of JSONata are made when the first expression asks for them. */
export class View implements EvaluationView {
  readonly scope: EvaluationScope;
  readonly root: Json;
  readonly #states: { readonly result?: Json; readonly errorOutput?: Json };
  #bindings: Readonly<Record<string, Json>> | undefined;

  /** @param states What `$states` has besides `input` and `context` */
  constructor(
    scope: EvaluationScope,
    root: Json,
    states: { readonly result?: Json; readonly errorOutput?: Json } = {},
  ) {
    this.scope = scope;
    this.root = root;
    this.#states = states;
  }

  get bindings(): Readonly<Record<string, Json>> {
    const { rawInput, contextObject, variables } = this.scope;
    this.#bindings ??= { ...variables, states: { input: rawInput, context: contextObject, ...this.#states } };
    return this.#bindings;
  }
}
