/**
 * What the rest of the engine knows of a state machine: the parsed definition and what an evaluation gives.
 *
 * A definition is parsed and compiled once. Fields keep the specification's word and spelling. Fields of type
 * {@link Compiled} are opaque to everyone but `src/language`: hand the state to the evaluation functions of `mod.ts`.
 * Every evaluation is synchronous, bounded and pure: what is drawn comes in by {@link ExpressionDraws}.
 */
import type { Result } from "effect";
import type { Json, JsonObject, Limits } from "../values/mod.ts";
import type { Budget } from "./budget.ts";
import type { ruleShape } from "./definition/table/choice_rule.ts";
import type { FieldsOf } from "./definition/table/field.ts";
import type { machineFields } from "./definition/table/machines.ts";
import type { catcherShape, retrierShape } from "./definition/table/retry_catch.ts";
import type { commonShape, stateShapes } from "./definition/table/states.ts";

export type { WorkMeter } from "./budget.ts";

/** A state machine's error: two strings as data, matched by `Retry` and `Catch`. */
export interface StatesError {
  /** `States.…` or a user's own name. */
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  /**
   * The field whose JSONata expression failed, such as `Output/total` or `Choices[0]/Condition`: `location` of AWS's
   * `EvaluationFailed`, an event that AWS writes for every `States.QueryEvaluationError`.
   */
  readonly location?: string | undefined;
  /**
   * What of the engine itself raised it: a path or value that does not fit, an intrinsic function, a JSONata expression, the limit of
   * a state's own data, the clock of a heartbeat. Absent: a task, a child or a Fail state reported it.
   */
  readonly raisedBy?: "Runtime" | "Query" | "Limit" | "Heartbeat" | undefined;
}

/** What an evaluation gives: its value, or the error that the state ends with. */
export type Evaluated<T> = Result.Result<T, StatesError>;

/** The language of a state's expressions. */
export type QueryLanguage = "JSONPath" | "JSONata";

/** What `src/language` hands to a {@link Compiled} part. */
export interface EvaluationView {
  readonly scope: EvaluationScope;
  /** `$` in JSONPath. */
  readonly root: Json;
  /** Variables of JSONata by name, `states` among them. */
  readonly bindings: Readonly<Record<string, Json>>;
  /** {@link bindings} without `$states.context`, which few expressions read and which costs more than most of them. */
  readonly bindingsWithoutContext: Readonly<Record<string, Json>>;
  /** What this and the state's other evaluations may still cost. */
  readonly budget: Budget;
  /** Counts what results hold. @throws {ResultTooLarge} caught at the doors of the language */
  keep(characters: number): void;
}

/** Of a state machine, or of the child executions of a distributed Map. */
export type MachineType = "STANDARD" | "EXPRESS";

/** A path, template or expression, parsed when the definition was. */
export interface Compiled {
  /** The JSON as written. */
  readonly source: Json;
  /** For `src/language` alone: everyone else calls the functions of `mod.ts`. Never throws. */
  readonly evaluate: (view: EvaluationView) => Evaluated<Json>;
}

/** A reference path that a value is put at: `ResultPath`. */
export interface CompiledReferencePath extends Compiled {
  /** A copy of `target` with `value` at this path; shares all that is not on the path. */
  readonly put: (target: Json, value: Json) => Evaluated<Json>;
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

/** Limits of a definition: bytes of its JSON as UTF-8, states in all, characters of their names, depth of nested Map, Parallel and JSON. */
export type DefinitionLimits = Pick<Limits, "definitionBytesMax" | "statesMax" | "nestingMax" | "nameCharactersMax">;

/** Limits of what evaluations give. */
export type EvaluationLimits = Pick<Limits, "payloadBytesMax" | "jsonDepthMax">;

/** All that an expression of one state may read. */
export interface EvaluationScope {
  /** The state's input as it came: `$` of InputPath, `$states.input`. */
  readonly rawInput: Json;
  /** `$$` in JSONPath, `$states.context` in JSONata. */
  readonly contextObject: JsonObject;
  readonly variables: Variables;
  readonly draws: ExpressionDraws;
  readonly limits: EvaluationLimits;
  /** Shared by all evaluations that belong together; absent: each has one of its own. */
  readonly budget?: Budget;
}

/** A definition, parsed and compiled. */
export interface StateMachine extends SubMachine, FieldsOf<typeof machineFields> {
  readonly QueryLanguage: QueryLanguage;
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

/** One entry of `Retry`, defaults filled in. Units as the fields say. */
export type Retrier = FieldsOf<typeof retrierShape.fields>;

/** One entry of `Catch`. */
export type Catcher = FieldsOf<typeof catcherShape.fields>;

/** One entry of `Choices`; its `Assign` and `Output` count when it is taken. */
export type ChoiceRule = FieldsOf<typeof ruleShape.fields>;

export type { ItemProcessor } from "./definition/table/machines.ts";

/** What all states have: in `definition/table/states.ts` is a row for each field. `Next` is absent where the state ends. */
interface StateBase extends FieldsOf<typeof commonShape.fields> {
  readonly name: string;
  readonly QueryLanguage: QueryLanguage;
}

type OwnFields<Type extends keyof typeof stateShapes> = FieldsOf<(typeof stateShapes)[Type]["fields"]>;

/** Passes its input, or `Result`, on. */
export interface PassState extends StateBase, OwnFields<"Pass"> {
  readonly Type: "Pass";
}

/** Has work done by a worker or a service. */
export interface TaskState extends StateBase, OwnFields<"Task"> {
  readonly Type: "Task";
}

/** Goes where the first rule that holds says, else to `Default`. */
export interface ChoiceState extends StateBase, OwnFields<"Choice"> {
  readonly Type: "Choice";
}

/** Waits for seconds or until a time: exactly one of the two is there. */
export interface WaitState extends StateBase, OwnFields<"Wait"> {
  readonly Type: "Wait";
}

/** Ends its machine, branch or iteration with its input as output. */
export interface SucceedState extends StateBase, OwnFields<"Succeed"> {
  readonly Type: "Succeed";
}

/** Ends its machine, branch or iteration with an error. */
export interface FailState extends StateBase, OwnFields<"Fail"> {
  readonly Type: "Fail";
}

/** Runs its branches side by side; the result is the array of their outputs. */
export interface ParallelState extends StateBase, OwnFields<"Parallel"> {
  readonly Type: "Parallel";
}

/** Runs its processor once for each item; the result is the array of the outputs. */
export interface MapState extends StateBase, OwnFields<"Map"> {
  readonly Type: "Map";
}

/** An entry of `States`. */
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
  /** Place in the definition, such as `/States/Pay/Next` or `/States/Sort/Choices[0]/Next`; absent where AWS names none. */
  readonly location?: string;
}

/** What follows a state that has done its work. */
export interface StateOutcome {
  readonly output: Json;
  /** Variables set by `Assign`, absent when there is none. */
  readonly assigned?: Variables;
}

/** Output and variables of a Choice state, and the state that comes next. */
export interface ChoiceOutcome extends StateOutcome {
  readonly next: string;
}

/** Bounds of a task, seconds ≥ 1; absent where the state has none. */
export interface TaskTimeouts {
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
}

/** What a distributed Map reads from, batches by and writes to, as evaluated JSON. */
export interface DistributedMapFields {
  readonly ItemReader?: Json;
  readonly ItemBatcher?: Json;
  readonly ResultWriter?: Json;
}

/** When a Wait state ends: relative, or at a unix time in milliseconds. */
export type WaitEnd = { readonly seconds: number } | { readonly epochMs: number };
