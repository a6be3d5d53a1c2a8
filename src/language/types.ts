/**
 * What the rest of the engine knows of a state machine: the parsed definition and what an evaluation gives.
 *
 * A definition is parsed and compiled once. Fields keep the specification's word and spelling. Fields of type
 * {@link Compiled} are opaque to everyone but `src/language`: hand the state to the evaluation functions of `mod.ts`.
 * Every evaluation is synchronous, bounded and pure: what is drawn comes in by {@link ExpressionDraws}.
 */
import type { Result } from "effect";
import type { Json, JsonObject } from "../values/mod.ts";

/** A state machine's error: two strings as data, matched by `Retry` and `Catch`. */
export interface StatesError {
  /** `States.…` or a user's own name. */
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

export type Evaluated<T> = Result.Result<T, StatesError>;

export type QueryLanguage = "JSONPath" | "JSONata";

/** A path, template or expression, parsed when the definition was. */
export interface Compiled {
  readonly source: Json;
}

/** What expressions may draw; the caller records the outcome, so a replay never draws again. */
export interface ExpressionDraws {
  /** Uniform in [0, 1). */
  random(): number;
  /** A version 4 UUID. */
  uuid(): string;
  /** Wall time of this turn, unix milliseconds: the same value for the whole turn. */
  readonly nowEpochMs: number;
}

/** Names without `$`, own keys only. */
export type Variables = JsonObject;

/** All that an expression of one state may read. */
export interface EvaluationScope {
  /** The state's input as it came: `$` of InputPath, `$states.input`. */
  readonly rawInput: Json;
  /** `$$` in JSONPath, `$states.context` in JSONata. */
  readonly contextObject: JsonObject;
  readonly variables: Variables;
  readonly draws: ExpressionDraws;
}

export interface StateMachine {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly Version?: string;
  readonly TimeoutSeconds?: number;
  readonly QueryLanguage: QueryLanguage;
  readonly States: ReadonlyMap<string, State>;
  /** Every state of the definition by name, those of branches and item processors included: names are unique in a definition. */
  readonly allStates: ReadonlyMap<string, State>;
  /** The parsed JSON of the whole definition. */
  readonly source: JsonObject;
}

/** A branch of Parallel, or the `ItemProcessor` (`Iterator`) of Map. */
export interface SubMachine {
  readonly StartAt: string;
  readonly States: ReadonlyMap<string, State>;
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy: "FULL" | "NONE";
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: Compiled;
  readonly Assign?: Compiled;
  readonly Output?: Compiled;
}

interface StateBase {
  readonly name: string;
  readonly Comment?: string;
  readonly QueryLanguage: QueryLanguage;
  /** Absent: `End: true`, or a terminal type. */
  readonly Next?: string;
  readonly InputPath?: Compiled;
  readonly OutputPath?: Compiled;
  readonly Parameters?: Compiled;
  readonly ResultSelector?: Compiled;
  readonly ResultPath?: Compiled;
  readonly Arguments?: Compiled;
  readonly Output?: Compiled;
  readonly Assign?: Compiled;
}

interface Retryable {
  readonly Retry: readonly Retrier[];
  readonly Catch: readonly Catcher[];
}

export interface PassState extends StateBase {
  readonly Type: "Pass";
  readonly Result?: Json;
}

export interface TaskState extends StateBase, Retryable {
  readonly Type: "Task";
  readonly Resource: string;
  readonly TimeoutSeconds?: number | Compiled;
  readonly HeartbeatSeconds?: number | Compiled;
  readonly Credentials?: Compiled;
}

export interface ChoiceState extends StateBase {
  readonly Type: "Choice";
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}

export interface ChoiceRule {
  readonly Next: string;
  readonly Condition: Compiled;
  readonly Assign?: Compiled;
  readonly Output?: Compiled;
}

export interface WaitState extends StateBase {
  readonly Type: "Wait";
  readonly Seconds?: number | Compiled;
  readonly Timestamp?: string | Compiled;
}

export interface SucceedState extends StateBase {
  readonly Type: "Succeed";
}

export interface FailState extends StateBase {
  readonly Type: "Fail";
  readonly Error?: string | Compiled;
  readonly Cause?: string | Compiled;
}

export interface ParallelState extends StateBase, Retryable {
  readonly Type: "Parallel";
  readonly Branches: readonly SubMachine[];
}

export interface MapState extends StateBase, Retryable {
  readonly Type: "Map";
  readonly mode: "INLINE" | "DISTRIBUTED";
  readonly executionType?: "STANDARD" | "EXPRESS";
  readonly Label?: string;
  readonly ItemProcessor: SubMachine;
  readonly ItemsPath?: Compiled;
  readonly Items?: Compiled;
  readonly ItemSelector?: Compiled;
  /** 0: no bound. */
  readonly MaxConcurrency: number | Compiled;
  readonly ToleratedFailurePercentage?: number | Compiled;
  readonly ToleratedFailureCount?: number | Compiled;
  /** `ItemReader`, `ItemBatcher`, `ResultWriter` as parsed JSON and compiled parts. */
  readonly ItemReader?: Compiled;
  readonly ItemBatcher?: Compiled;
  readonly ResultWriter?: Compiled;
}

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

/** One finding of validation, as AWS's `ValidateStateMachineDefinition` reports it. */
export interface Diagnostic {
  readonly severity: "ERROR" | "WARNING";
  /** AWS's code, such as `SCHEMA_VALIDATION_FAILED` or `MISSING_TRANSITION_TARGET`. */
  readonly code: string;
  readonly message: string;
  /** JSON pointer into the definition, such as `/States/Pay/Next`. */
  readonly location: string;
}

/** What follows a state that has done its work. */
export interface StateOutcome {
  readonly output: Json;
  /** Variables set by `Assign`, absent when there is none. */
  readonly assigned?: Variables;
}

export interface ChoiceOutcome extends StateOutcome {
  readonly next: string;
}

export interface TaskTimeouts {
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
}

/** When a Wait state ends: relative, or at a unix time in milliseconds. */
export type WaitEnd = { readonly seconds: number } | { readonly epochMs: number };
