import type { Json, JsonObject } from "../../values/mod.ts";
import { Budget, RESULT_CHARACTERS_MAX, ResultTooLarge } from "../budget.ts";
import type { EvaluationScope, EvaluationView } from "../types.ts";

/** What one stage of a state sees. The bindings of JSONata are made when the first expression asks for them. */
export class View implements EvaluationView {
  readonly scope: EvaluationScope;
  readonly root: Json;
  readonly budget: Budget;
  readonly #states: { readonly result?: Json; readonly errorOutput?: Json };
  #keptCharacters = 0;
  #bindings: Readonly<Record<string, Json>> | undefined;
  #bindingsWithoutContext: Readonly<Record<string, Json>> | undefined;

  /** @param states What `$states` has besides `input` and `context` */
  constructor(
    scope: EvaluationScope,
    root: Json,
    states: { readonly result?: Json; readonly errorOutput?: Json } = {},
  ) {
    this.scope = scope;
    this.root = root;
    this.budget = scope.budget ?? new Budget();
    this.#states = states;
  }

  keep(characters: number): void {
    this.#keptCharacters += characters;
    if (this.#keptCharacters > RESULT_CHARACTERS_MAX) throw new ResultTooLarge();
  }

  get bindings(): Readonly<Record<string, Json>> {
    return this.#bindings ??= this.#bind({ context: this.scope.contextObject });
  }

  get bindingsWithoutContext(): Readonly<Record<string, Json>> {
    return this.#bindings ?? (this.#bindingsWithoutContext ??= this.#bind({}));
  }

  #bind(context: JsonObject): Readonly<Record<string, Json>> {
    const { rawInput, variables } = this.scope;
    return { ...variables, states: { input: rawInput, ...context, ...this.#states } };
  }
}
