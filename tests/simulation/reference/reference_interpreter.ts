/**
 * A second reading of the language: walks what an execution did, state by state, and says where it is not what the definition
 * says. What came from outside (results of tasks, what was drawn, cancelations) is taken from the log; all else is worked out anew.
 */
import { canonicalJson, type Json, type JsonObject } from "../../../src/values/mod.ts";
import type { Attempt, ScopeRun, StateRun } from "../model/run_tree.ts";
import type { ScopeJson, StateJson } from "./definition.ts";
import { delayBoundsMs, firstThatStandsFor, retriesMax } from "./error_handling.ts";
import { evaluate, fillJsonata, type JsonataSight } from "./jsonata.ts";
import { at, fill, matches, place, type Sight } from "./paths.ts";

/** What the log and the definition do not agree on. */
export class Disagreement extends Error {
  override readonly name = "Disagreement";
  readonly kind: "reference" | "retries" | "childrenArithmetic" | "timers";

  constructor(kind: Disagreement["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** How a scope, a state or a try of one ends. */
type Outcome =
  | { readonly kind: "succeeded"; readonly output: Json }
  | {
    readonly kind: "failed";
    readonly error: string | undefined;
    readonly cause: string | undefined;
    /** A `States.Timeout` that Retry and Catch may call `States.HeartbeatTimeout`. */
    readonly isHeartbeat?: boolean;
  }
  | { readonly kind: "canceled" }
  /** It does not say: it was still going on. */
  | { readonly kind: "open" };

/** What the states of one scope see besides their input. */
interface Around {
  readonly executionInput: Json;
  readonly item: JsonObject | undefined;
  readonly variables: Record<string, Json>;
  /** The machine's language is JSONata. */
  readonly isJsonata: boolean;
}

const open: Outcome = { kind: "open" };
const canceled: Outcome = { kind: "canceled" };

function check(holds: boolean, message: string, kind: Disagreement["kind"] = "reference"): void {
  if (!holds) throw new Disagreement(kind, message);
}

/** Checks a whole execution. @throws {Disagreement} */
export function checkExecution(definition: ScopeJson, root: ScopeRun, wasInterrupted: boolean): void {
  const isJsonata = definition.QueryLanguage === "JSONata";
  const around: Around = { executionInput: root.input, item: undefined, variables: {}, isJsonata };
  const outcome = checkScope(definition, root, around);
  if (!wasInterrupted) checkEnd("The execution", root, outcome);
}

function checkEnd(what: string, { end }: ScopeRun, outcome: Outcome): void {
  if (end === undefined) return check(outcome.kind === "open", `${what} is not told to have ${outcome.kind}`);
  if (outcome.kind === "succeeded") {
    check(end.status === "Succeeded", `${what} ends as ${end.status}, but it succeeds`);
    check(
      matches(outcome.output, end.output ?? null),
      `${what} has another output than ${canonicalJson(outcome.output)}`,
    );
  } else if (outcome.kind === "failed") {
    check(end.status === "Failed", `${what} ends as ${end.status}, but it fails with ${outcome.error}`);
    check(end.reason === outcome.error, `${what} fails with ${end.reason}, but should with ${outcome.error}`);
    check(end.message === outcome.cause, `${what} fails because of ${end.message}, but should of ${outcome.cause}`);
  } else check(end.status === "Canceled", `${what} ends as ${end.status}, but it was ${outcome.kind}`);
}

function checkScope(scope: ScopeJson, ran: ScopeRun, around: Around): Outcome {
  let name = scope.StartAt;
  let input = ran.input;
  for (const [index, run] of ran.runs.entries()) {
    check(run.start.stateName === name, `State "${run.start.stateName}" runs, but "${name}" was next`);
    check(canonicalJson(run.start.input) === canonicalJson(input), `State "${name}" begins with another input`);
    const state = scope.States[name];
    if (state === undefined) throw new Disagreement("reference", `There is no state "${name}"`);
    const isLast = index === ran.runs.length - 1;
    const { outcome, next } = checkRun(name, state, run, around);
    if (outcome.kind !== "succeeded" || next === undefined) {
      check(isLast, `A state runs after "${name}", which ${outcome.kind}`);
      return outcome.kind === "canceled" && !ran.isCanceling ? open : outcome;
    }
    name = next;
    // What was drawn is now known: the rest goes on from what the log says.
    input = run.end?.output ?? null;
  }
  return ran.isCanceling ? canceled : open;
}

/** How a state ends: with which output, and which state comes next. */
function checkRun(
  name: string,
  state: StateJson,
  run: StateRun,
  around: Around,
): { readonly outcome: Outcome; readonly next?: string } {
  const sight = sightOf(name, state, run, around);
  const made: number[] = [];
  let failure: Outcome = open;
  for (const [index, attempt] of run.attempts.entries()) {
    const isLast = index === run.attempts.length - 1;
    const tried = checkAttempt(state, run, attempt, sight, around);
    if (tried.kind === "failed" && isRetryable(state)) checkRetry(name, state, attempt, tried, made, run);
    else check(attempt.retry === undefined, `State "${name}" is retried although it has ${tried.kind}`, "retries");
    if (!isLast) continue;
    if (attempt.retry !== undefined) return { outcome: run.end === undefined ? open : checkCanceled(name, run) };
    if (tried.kind === "succeeded") return checkSuccess(name, state, run, tried.output, sight, around);
    failure = tried;
  }
  if (run.end?.status === "Canceled" || failure.kind === "canceled") return { outcome: checkCanceled(name, run) };
  if (failure.kind === "failed") return checkFailure(name, state, run, failure, sight);
  check(run.end === undefined, `State "${name}" ends as ${run.end?.status} without a reason`);
  return { outcome: open };
}

function isRetryable(state: StateJson): boolean {
  return state.Type === "Task" || state.Type === "Parallel" || state.Type === "Map";
}

function checkCanceled(name: string, { end }: StateRun): Outcome {
  if (end === undefined) return open;
  check(end.status === "Canceled", `State "${name}" ends as ${end.status}, but it was canceled`);
  return canceled;
}

/** What a state sees, and in which language it looks. */
interface StateSight extends Sight {
  readonly isJsonata: boolean;
}

function sightOf(name: string, state: StateJson, run: StateRun, around: Around): StateSight {
  return {
    isJsonata: around.isJsonata || state.QueryLanguage === "JSONata",
    input: run.start.input,
    variables: around.variables,
    context: {
      Execution: { Input: around.executionInput },
      State: { Name: name },
      ...(around.item === undefined ? {} : { Map: { Item: around.item } }),
    },
  };
}

function checkRetry(
  name: string,
  state: StateJson,
  attempt: Attempt,
  failure: Extract<Outcome, { kind: "failed" }>,
  made: number[],
  run: StateRun,
): void {
  const { error } = failure;
  const index = firstThatStandsFor(state.Retry ?? [], nameIn(failure));
  const retrier = state.Retry?.[index];
  const before = made[index] ?? 0;
  const isAllowed = retrier !== undefined && before < retriesMax(retrier);
  const { retry } = attempt;
  if (retry === undefined) {
    const wasStopped = run.end === undefined || run.end.status === "Canceled";
    return check(!isAllowed || wasStopped, `State "${name}" fails with ${error} and is not retried`, "retries");
  }
  check(isAllowed, `State "${name}" is retried for ${error}, which no retrier allows any more`, "retries");
  if (retrier === undefined) return;
  check(
    retry.event.retrierIndex === index,
    `State "${name}" is retried by retrier ${retry.event.retrierIndex}`,
    "retries",
  );
  const [least, most] = delayBoundsMs(retrier, before);
  const delayMs = retry.event.deadlineEpochMs - retry.atEpochMs;
  check(delayMs >= least && delayMs <= most, `State "${name}" is retried after ${delayMs} ms`, "retries");
  made[index] = before + 1;
}

/** What Retry and Catch call it. */
function nameIn({ error, isHeartbeat }: Extract<Outcome, { kind: "failed" }>): string | undefined {
  return isHeartbeat === true ? "States.HeartbeatTimeout" : error;
}

function checkSuccess(
  name: string,
  state: StateJson,
  run: StateRun,
  result: Json,
  sight: StateSight,
  around: Around,
): { readonly outcome: Outcome; readonly next?: string } {
  const { end } = run;
  if (end === undefined || end.status === "Canceled") return { outcome: end === undefined ? open : canceled };
  check(end.status === "Succeeded" && end.catcherIndex === undefined, `State "${name}" fails, but it succeeds`);
  const { output, assigned } = made(state, result, sight);
  check(
    matches(output, end.output ?? null),
    `State "${name}" has the output ${canonicalJson(end.output ?? null)}, but should have ${canonicalJson(output)}`,
  );
  if (assigned !== undefined) {
    check(matches(assigned, end.assigned ?? null), `State "${name}" assigns other variables`);
    Object.assign(around.variables, assigned);
  }
  const next = state.Type === "Choice" ? chosen(state, sight) : state.Next;
  check(end.next === next, `After "${name}" comes "${end.next}", but should "${next}"`);
  return { outcome: { kind: "succeeded", output: end.output ?? null }, ...(next === undefined ? {} : { next }) };
}

/** What a state that succeeds makes of its result: its output, and the variables that it assigns. */
function made(state: StateJson, result: Json, sight: StateSight): { output: Json; assigned: JsonObject | undefined } {
  const { Assign, Output, ResultSelector, ResultPath, Type } = state;
  if (sight.isJsonata) {
    const seen: JsonataSight = { ...sight, result };
    return {
      output: Output === undefined ? result : fillJsonata(Output, seen),
      assigned: Assign === undefined ? undefined : fillJsonata(Assign, seen) as JsonObject,
    };
  }
  const selected = ResultSelector === undefined ? result : fill(ResultSelector, { ...sight, input: result });
  const isKept = Type === "Choice" || Type === "Succeed" || Type === "Wait";
  return {
    output: isKept ? result : place(sight.input, ResultPath, selected),
    assigned: Assign === undefined ? undefined : fill(Assign, { ...sight, input: selected }) as JsonObject,
  };
}

function checkFailure(
  name: string,
  state: StateJson,
  { end, start }: StateRun,
  failure: Extract<Outcome, { kind: "failed" }>,
  sight: StateSight,
): { readonly outcome: Outcome; readonly next?: string } {
  if (end === undefined) return { outcome: open };
  const { error, cause } = failure;
  check(
    end.reason === error && end.message === cause,
    `State "${name}" fails with ${end.reason}, but should with ${error}`,
  );
  const index = isRetryable(state) ? firstThatStandsFor(state.Catch ?? [], nameIn(failure)) : -1;
  const catcher = state.Catch?.[index];
  if (catcher === undefined) {
    check(end.status === "Failed", `State "${name}" ends as ${end.status}, but nothing catches ${error}`);
    return { outcome: failure };
  }
  check(end.catcherIndex === index && end.next === catcher.Next, `State "${name}" does not catch ${error}`);
  const caught = { Error: error ?? null, Cause: cause ?? (error === "States.Timeout" ? "" : null) };
  const output = sight.isJsonata
    ? catcher.Output === undefined ? caught : fillJsonata(catcher.Output, { ...sight, errorOutput: caught })
    : place(start.input, catcher.ResultPath, caught);
  check(matches(output, end.output ?? null), `State "${name}" catches ${error} with another output`);
  return { outcome: { kind: "succeeded", output }, next: catcher.Next };
}

function chosen(state: StateJson, sight: StateSight): string | undefined {
  if (sight.isJsonata) {
    return state.Choices?.find(({ Condition = "" }) => evaluate(Condition, sight) === true)?.Next ?? state.Default;
  }
  for (const rule of state.Choices ?? []) {
    const value = at(rule.Variable ?? "$", sight);
    const holds = rule.NumericGreaterThan !== undefined
      ? Number(value) > rule.NumericGreaterThan
      : rule.NumericEquals !== undefined
      ? value === rule.NumericEquals
      : rule.StringEquals !== undefined
      ? value === rule.StringEquals
      : rule.IsPresent === true;
    if (holds) return rule.Next;
  }
  return state.Default;
}

/** What a state passes on to what it does. */
function passedOn({ Arguments, Parameters }: StateJson, sight: StateSight): Json {
  if (sight.isJsonata) return Arguments === undefined ? sight.input : fillJsonata(Arguments, sight);
  return Parameters === undefined ? sight.input : fill(Parameters, sight);
}

function checkAttempt(state: StateJson, run: StateRun, attempt: Attempt, sight: StateSight, around: Around): Outcome {
  const { input } = sight;
  switch (state.Type) {
    case "Pass":
      return {
        kind: "succeeded",
        output: state.Result ?? passedOn(state, sight),
      };
    case "Succeed":
    case "Choice":
      return { kind: "succeeded", output: input };
    case "Fail":
      return { kind: "failed", error: state.Error, cause: state.Cause };
    case "Wait":
      return checkWait(state, run, attempt, sight);
    case "Task":
      return checkTask(state, attempt, passedOn(state, sight));
    case "Parallel":
      return checkParallel(state, run, attempt, sight, around);
    case "Map":
      return checkMap(state, run, attempt, sight, around);
  }
}

function checkWait(state: StateJson, run: StateRun, attempt: Attempt, sight: StateSight): Outcome {
  const { Seconds, SecondsPath = "" } = state;
  const seconds = Number(typeof Seconds === "string" ? evaluate(Seconds, sight) : Seconds ?? at(SecondsPath, sight));
  if (seconds === 0) return { kind: "succeeded", output: sight.input };
  const { deadlineEpochMs, enteredAtEpochMs } = run.start;
  check(
    deadlineEpochMs === enteredAtEpochMs + seconds * 1_000,
    `The Wait of ${seconds} s has another deadline`,
    "timers",
  );
  return attempt.hasFired ? { kind: "succeeded", output: sight.input } : open;
}

function checkTask(state: StateJson, { task, taskEnd }: Attempt, input: Json): Outcome {
  if (task === undefined) return open;
  check(matches(input, task.input), `A task gets the input ${canonicalJson(task.input)}`);
  check(task.resource === state.Resource, `A task of "${state.Resource}" goes to "${task.resource}"`);
  check(
    task.timeoutSeconds === state.TimeoutSeconds && task.heartbeatSeconds === state.HeartbeatSeconds,
    "A task has other clocks than its state",
    "timers",
  );
  switch (taskEnd?.type) {
    case undefined:
      return open;
    case "TaskCompletedEvent":
      return { kind: "succeeded", output: taskEnd.output };
    case "TaskFailedEvent":
      return { kind: "failed", error: taskEnd.reason, cause: taskEnd.message };
    case "TaskTimedOutEvent":
      return {
        kind: "failed",
        error: "States.Timeout",
        cause: undefined,
        isHeartbeat: taskEnd.clock === "heartbeat",
      };
    case "TaskCanceledEvent":
      return canceled;
  }
}

function checkParallel(state: StateJson, run: StateRun, attempt: Attempt, sight: StateSight, around: Around): Outcome {
  const branches = state.Branches ?? [];
  const input = passedOn(state, sight);
  check(attempt.max === branches.length, `A Parallel of ${branches.length} has ${attempt.max}`, "childrenArithmetic");
  const outcomes = attempt.children.map((child, index) => {
    const branch = branches[index];
    if (branch === undefined) throw new Disagreement("childrenArithmetic", `There is no branch ${index}`);
    check(matches(input, child.input), `Branch ${index} begins with another input`);
    const variables = Object.create(around.variables) as Record<string, Json>;
    return checkChild(`Branch ${index}`, branch, child, { ...around, variables });
  });
  return outcomeOfChildren(run, attempt, outcomes);
}

function checkMap(state: StateJson, run: StateRun, attempt: Attempt, sight: StateSight, around: Around): Outcome {
  const { isJsonata } = sight;
  const found = isJsonata ? evaluate(state.Items ?? "", sight) : at(state.ItemsPath ?? "$", sight);
  const items = found as readonly Json[];
  if (items.length === 0) return { kind: "succeeded", output: [] };
  check(attempt.max === items.length, `A Map of ${items.length} items has ${attempt.max}`, "childrenArithmetic");
  const outcomes = attempt.children.map((child, index) => {
    const item = { Index: index, Value: items[index] ?? null };
    const seen: Sight = { ...sight, context: { ...sight.context, Map: { Item: item } } };
    const { ItemSelector } = state;
    const input = ItemSelector === undefined ? item.Value : (isJsonata ? fillJsonata : fill)(ItemSelector, seen);
    check(matches(input, child.input), `Iteration ${index} begins with another input`);
    if (state.ItemProcessor === undefined) throw new Disagreement("reference", "A Map without a processor");
    const variables = Object.create(around.variables) as Record<string, Json>;
    return checkChild(`Iteration ${index}`, state.ItemProcessor, child, { ...around, item, variables });
  });
  return outcomeOfChildren(run, attempt, outcomes);
}

function checkChild(what: string, scope: ScopeJson, child: ScopeRun, around: Around): Outcome {
  const outcome = checkScope(scope, child, around);
  const wasStopped = child.isCanceling || child.end?.status === "Canceled";
  if (!wasStopped) checkEnd(what, child, outcome);
  if (child.end === undefined) return open;
  return child.end.status === "Canceled" ? canceled : outcome;
}

/** All have succeeded: their outputs in order. One has failed: its error, and the others are stopped. */
function outcomeOfChildren(run: StateRun, attempt: Attempt, outcomes: readonly Outcome[]): Outcome {
  const firstFailed = attempt.ended.find((index) => outcomes[index]?.kind === "failed");
  if (run.completing?.status === "Canceled" && attempt.retry === undefined) return canceled;
  if (firstFailed !== undefined) {
    const isSettled = outcomes.every(({ kind }) => kind !== "open");
    return isSettled ? outcomes[firstFailed] ?? open : open;
  }
  if (outcomes.length < (attempt.max ?? 0) || outcomes.some(({ kind }) => kind === "open")) return open;
  if (outcomes.some(({ kind }) => kind === "canceled")) return canceled;
  return {
    kind: "succeeded",
    output: outcomes.map((outcome) => outcome.kind === "succeeded" ? outcome.output : null),
  };
}
