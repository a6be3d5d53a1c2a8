/**
 * The functions of `src/language/mod.ts` by type. `mod.ts` exports one function of each name; a type test holds the two together.
 */
import type { Result } from "effect";
import type { Json, JsonObject } from "../values/mod.ts";
import type * as T from "./types.ts";

/** All functions of the language, by name. Every one is synchronous, pure and bounded, and throws for no user input. */
export interface Language {
  /**
   * Parses and validates a definition: JSON text (duplicate keys are found) or a parsed value.
   * Fails with every ERROR found; warnings alone do not fail. Never throws, whatever comes in.
   */
  parseDefinition(
    definition: string | Json,
    limits?: T.DefinitionLimits,
  ): Result.Result<T.StateMachine, readonly T.Diagnostic[]>;
  /** Every finding, warnings included; empty when there is none. `machineType` (STANDARD if absent) may refuse more. */
  validateDefinition(
    definition: string | Json,
    machineType?: T.MachineType,
    limits?: T.DefinitionLimits,
  ): readonly T.Diagnostic[];

  /** A JSON Schema (draft 7) of definitions in either query language, for editors. */
  definitionSchema(limits?: T.DefinitionLimits): JsonObject;

  /** The variables that each state reads, by the state's name, sorted; states that read none are left out. */
  variableReferences(
    definition: string | Json,
    limits?: T.DefinitionLimits,
  ): Readonly<Record<string, readonly string[]>>;

  /** InputPath of JSONPath states; the raw input in JSONata. */
  effectiveInput(state: T.State, scope: T.EvaluationScope): T.Evaluated<Json>;
  /** `Parameters` / `Arguments` of Task and Parallel (and `Parameters` of Pass); the effective input where absent. */
  stateArguments(state: T.State, scope: T.EvaluationScope, effectiveInput: Json): T.Evaluated<Json>;
  /**
   * From a result to the state's output and variables: ResultSelector, ResultPath, OutputPath, or JSONata `Output`; and `Assign`.
   * Pass gives `Result` (or its arguments) as `result`; Succeed, Wait and Choice give their effective input.
   */
  stateOutcome(
    state: T.State,
    scope: T.EvaluationScope,
    effectiveInput: Json,
    result: Json,
  ): T.Evaluated<T.StateOutcome>;
  /** Evaluates Choice rules in order; `States.Runtime`, as AWS has it, when none holds and there is no Default. Applies the rule's Assign and Output, OutputPath. */
  choose(state: T.ChoiceState, scope: T.EvaluationScope, effectiveInput: Json): T.Evaluated<T.ChoiceOutcome>;
  waitEnd(state: T.WaitState, scope: T.EvaluationScope, effectiveInput: Json): T.Evaluated<T.WaitEnd>;
  /** Error and Cause of a Fail state, their paths and expressions evaluated. */
  failure(state: T.FailState, scope: T.EvaluationScope, effectiveInput: Json): T.Evaluated<T.StatesError>;
  taskTimeouts(state: T.TaskState, scope: T.EvaluationScope, effectiveInput: Json): T.Evaluated<T.TaskTimeouts>;
  /** `Credentials` with its paths and expressions evaluated; `null` where there is none. */
  taskCredentials(state: T.TaskState, scope: T.EvaluationScope, effectiveInput: Json): T.Evaluated<Json>;
  /** The array a Map iterates over: ItemsPath, or JSONata Items. */
  mapItems(state: T.MapState, scope: T.EvaluationScope, effectiveInput: Json): T.Evaluated<readonly Json[]>;
  /** MaxConcurrency and tolerated failures, paths and expressions evaluated. `maxConcurrency` 0: no bound. */
  mapSettings(
    state: T.MapState,
    scope: T.EvaluationScope,
    effectiveInput: Json,
  ): T.Evaluated<
    {
      readonly maxConcurrency: number;
      readonly toleratedFailureCount?: number;
      readonly toleratedFailurePercentage?: number;
    }
  >;
  /** One iteration's input: ItemSelector (or the older Parameters) with `$$.Map.Item` in the scope's context object; the item where absent. */
  itemInput(state: T.MapState, scope: T.EvaluationScope, effectiveInput: Json, item: Json): T.Evaluated<Json>;

  /**
   * `ItemReader`, `ItemBatcher` and `ResultWriter` with paths and expressions evaluated, absent where the state has none.
   * The variants `…Path` of their numbers are there under the number's own name: `MaxItemsPath` as `MaxItems`.
   */
  distributedMapFields(
    state: T.MapState,
    scope: T.EvaluationScope,
    effectiveInput: Json,
  ): T.Evaluated<T.DistributedMapFields>;

  /** The first retrier that matches `error` and has attempts left. `retryCounts[i]`: retries already made by retrier `i`. */
  findRetrier(
    retriers: readonly T.Retrier[],
    error: string | undefined,
    retryCounts: readonly number[],
    raisedBy?: T.StatesError["raisedBy"],
  ): { readonly index: number; readonly retrier: T.Retrier } | undefined;
  /** Seconds before the retry, before jitter. `retryIndex` is 0-based. */
  retryDelaySeconds(retrier: T.Retrier, retryIndex: number): number;
  /** Seconds with the retrier's jitter applied; `random` in [0, 1). */
  jitteredDelaySeconds(retrier: T.Retrier, delaySeconds: number, random: number): number;
  findCatcher(
    catchers: readonly T.Catcher[],
    error: string | undefined,
    raisedBy?: T.StatesError["raisedBy"],
  ): { readonly index: number; readonly catcher: T.Catcher } | undefined;
  /** Output and variables of a caught error: `{ Error, Cause }` by ResultPath onto the raw input, or JSONata Output; and Assign. */
  catcherOutcome(
    state: T.TaskState | T.ParallelState | T.MapState,
    catcher: T.Catcher,
    scope: T.EvaluationScope,
    error: T.StatesError,
  ): T.Evaluated<T.StateOutcome>;
}
