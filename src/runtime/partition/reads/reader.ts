/**
 * The answering half of a partition: questions in, answers out when all that was decided before them is durable.
 *
 * What memory knows is taken at once, as it stands at the question's place in line; what the store and the log know is read by the
 * {@link ReadDesk}, so that no question holds up the loop.
 */
import { Effect, Result } from "effect";
import { redrivePlan, stateInScope } from "../../../../actors/mod.ts";
import { isEvent, type RedriveExecutionCommand } from "../../../protocol/mod.ts";
import { type ExecutionId, type Json, payloadBytes, present, type ResourceId } from "../../../values/mod.ts";
import { RequestRefused } from "../../engine.ts";
import type { BatchLine } from "../batch_line.ts";
import { asOfNow, type ExecutionAsOf, type HotExecution, isUnreadable, type TurnPlace } from "../hot_execution.ts";
import { hotListing, listPage } from "./list_page.ts";
import type { Loader } from "../loader.ts";
import type { PlacedTurn } from "../trim/history_rows.ts";
import type {
  DefinitionInput,
  FindWorkflowInput,
  HistoryInput,
  HistoryPage,
  KeyInput,
  ListInput,
  PartitionInput,
  ReadInput,
  RedriveInput,
  Refusal,
  Reply,
  ResourcesInput,
  ScopeInput,
  StandingInput,
  WorkflowsInput,
} from "../partition_input.ts";
import type { PartitionMemory } from "../partition_memory.ts";
import type { PartitionOptions } from "../partition_options.ts";
import { needsTurns, openStates, withFailures } from "./open_states.ts";
import { ReadDesk, type ReadFailure } from "./read_desk.ts";
import { PartitionDraws } from "../turn_draws.ts";
import type { TurnEffects } from "../turn_effects.ts";

/** What is told while nobody can say of an id or a key that it is unknown. */
export const INDEX_INCOMPLETE: Refusal = {
  code: "Unavailable",
  message: "This node's store is being completed from the log: ask again",
};

/** Turns that are searched for why something failed, newest last. */
const NEWEST_TURNS = 16;

/** A question: what follows from it is an answer. */
type Question = Exclude<
  PartitionInput,
  {
    readonly kind:
      | "start"
      | "command"
      | "timers"
      | "continue"
      | "redispatch"
      | "workflow"
      | "resource"
      | "forgetDefinitions"
      | "forgetUnused";
  }
>;

/** What a reader answers from. */
interface ReaderParts {
  readonly options: PartitionOptions;
  readonly memory: PartitionMemory;
  readonly batches: BatchLine;
  readonly effects: TurnEffects;
  readonly loader: Loader;
  /** Puts an input at the end of the line. */
  readonly again: (input: PartitionInput) => void;
}

/** Answers what is asked of a partition. */
export class Reader {
  readonly #options: PartitionOptions;
  readonly #memory: PartitionMemory;
  readonly #batches: BatchLine;
  readonly #effects: TurnEffects;
  readonly #loader: Loader;
  readonly #again: (input: PartitionInput) => void;
  readonly desk: ReadDesk;

  constructor({ options, memory, batches, effects, loader, again }: ReaderParts) {
    this.#options = options;
    this.#memory = memory;
    this.#batches = batches;
    this.#effects = effects;
    this.#loader = loader;
    this.#again = again;
    this.desk = new ReadDesk(options.partition);
  }

  answer(question: Question): void {
    switch (question.kind) {
      case "read":
        return this.#read(question);
      case "standing":
        return this.#standing(question);
      case "scope":
        return this.#scope(question);
      case "barrier":
        return this.#batches.whenDurable(() => question.reply.succeed(), question.reply);
      case "resources":
        return this.#resources(question);
      case "key":
        return this.#key(question);
      case "findWorkflow":
        return this.#findWorkflow(question);
      case "workflows":
        return this.#workflows(question);
      case "definition":
        return this.#definition(question);
      case "history":
        return this.#history(question);
      case "redrive":
        return this.#redrive(question);
      case "list":
        return this.#list(question);
      case "aged": {
        const { after, limit, reply } = question;
        return this.look(reply, this.#options.store.agedExecutions(question, after, limit));
      }
      default:
        return question satisfies never;
    }
  }

  /** The execution, if it takes commands; else the caller is told why not. */
  usable(executionId: ExecutionId, reply: Pick<Reply<never>, "refuse">): HotExecution | undefined {
    const hot = this.#memory.execution(executionId);
    if (hot === undefined) this.#refuseMissing(executionId, reply);
    else if (hot.parked === undefined && !this.#memory.suspects.has(executionId)) return hot;
    else reply.refuse(this.#memory.defectOf(executionId));
    return undefined;
  }

  /** Answers when the end of the execution is durable, be it decided already or still to come. */
  whenEnded(hot: HotExecution, reply: Reply<ExecutionAsOf>): void {
    if (!hot.actors.hasEnded) return this.#effects.whenEnded(hot.id, reply);
    const now = asOfNow(hot);
    this.#batches.whenDurable(() => reply.succeed(now), reply);
  }

  /** The execution, if anything is known of it; else the caller is told why not. */
  #readable(executionId: ExecutionId, reply: Pick<Reply<never>, "refuse">): HotExecution | undefined {
    const hot = this.#memory.execution(executionId);
    if (hot === undefined) this.#refuseMissing(executionId, reply);
    else if (!isUnreadable(hot)) return hot;
    else reply.refuse(this.#memory.defectOf(executionId));
    return undefined;
  }

  #refuseMissing(executionId: ExecutionId, reply: Pick<Reply<never>, "refuse">): void {
    const why: Refusal = this.#memory.isIndexComplete
      ? { code: "NotFound", message: unknownExecution(executionId) }
      : INDEX_INCOMPLETE;
    this.#batches.whenDurable(() => reply.refuse(why), reply);
  }

  /** Reads in the store or the log, once all that was decided before is durable. */
  look<T>(reply: Reply<T>, read: Effect.Effect<T, ReadFailure>): void {
    const { partitionInboxMax } = this.#options.limits;
    if (this.desk.size >= partitionInboxMax) {
      return reply.refuse({
        code: "Unavailable",
        message: `${partitionInboxMax} reads are waiting already: ask again`,
      });
    }
    this.#batches.whenDurable(() => this.desk.add(reply, read), reply);
  }

  #read({ executionId, untilEnded, reply }: ReadInput): void {
    const hot = this.#readable(executionId, reply);
    if (hot === undefined) return;
    if (untilEnded) return this.whenEnded(hot, reply);
    const now = asOfNow(hot);
    this.#batches.whenDurable(() => reply.succeed(now), reply);
  }

  #standing({ executionId, reply }: StandingInput): void {
    const hot = this.#readable(executionId, reply);
    if (hot === undefined) return;
    const standing = openStates(hot.actors);
    if (!needsTurns(hot.actors)) return this.#batches.whenDurable(() => reply.succeed(standing), reply);
    const places = hot.turns.slice(-NEWEST_TURNS).map(([sequence]) => sequence);
    const turnCount = hot.turns.length;
    const hasFailed = hot.actors.execution.value === "Failed";
    const read = Effect.map(this.#loader.readTurns(executionId, places), (turns) => {
      const events = turns.flatMap(({ turn }) => turn.sequence > turnCount ? [] : turn.records.filter(isEvent));
      return withFailures(standing, events, hasFailed);
    });
    this.look(reply, read);
  }

  #scope({ executionId, activityId, reply }: ScopeInput): void {
    const hot = this.usable(executionId, reply);
    if (hot === undefined) return;
    const { limits, definitions } = this.#options;
    const machine = definitions.get(hot.actors.execution.context.definitionHash);
    const draws = new PartitionDraws(this.#options);
    const found = machine === undefined ? undefined : stateInScope(hot.actors, { machine, limits, draws }, activityId);
    const message = `Expected activity "${activityId}" to run, but it has ended`;
    this.#batches.whenDurable(
      () => found === undefined ? reply.refuse({ code: "InvalidStatus", message }) : reply.succeed(found),
      reply,
    );
  }

  #resources({ space: { tenant, namespace }, of, names, reply }: ResourcesInput): void {
    const start = `/${tenant}/${namespace}/r`;
    const middle = ["", of, ...names, ""].join("/");
    const fits = (id: ResourceId) => id.startsWith(start) && id.indexOf(middle) === id.indexOf("/", start.length);
    const found = [...this.#memory.resources.values()].filter(({ resourceId }) => fits(resourceId));
    this.#batches.whenDurable(() => reply.succeed(found), reply);
  }

  #key({ space, key, reply }: KeyInput): void {
    const hot = this.#memory.claimOf(space, key)?.hot;
    const isSuspect = hot?.isSuspect === true;
    const { isIndexComplete } = this.#memory;
    this.#batches.whenDurable(() => {
      if (hot !== undefined) return isSuspect ? reply.refuse(this.#memory.defectOf(hot.id)) : reply.succeed(hot.id);
      reply.refuse(
        isIndexComplete ? { code: "NotFound", message: `No execution has the key "${key}"` } : INDEX_INCOMPLETE,
      );
    }, reply);
  }

  #findWorkflow({ workflowId, reply }: FindWorkflowInput): void {
    const workflow = this.#memory.workflows.get(workflowId);
    this.#batches.whenDurable(
      () =>
        workflow === undefined
          ? reply.refuse({ code: "NotFound", message: `Workflow "${workflowId}" does not exist` })
          : reply.succeed(workflow),
      reply,
    );
  }

  #workflows({ space: { tenant, namespace }, after, limit, reply }: WorkflowsInput): void {
    const prefix = `/${tenant}/${namespace}/`;
    const page = [...this.#memory.workflows.values()]
      .filter(({ workflowId, name }) => workflowId.startsWith(prefix) && (after === undefined || name > after))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, limit);
    this.#batches.whenDurable(() => reply.succeed(page), reply);
  }

  #definition({ hash, reply }: DefinitionInput): void {
    const text = this.#memory.definitions.text(hash) ?? this.#options.definitions.text(hash);
    if (text === undefined) this.look(reply, this.#storedDefinition(hash));
    else this.#batches.whenDurable(() => reply.succeed(text), reply);
  }

  #storedDefinition(hash: string): Effect.Effect<string, ReadFailure> {
    const { definitions, store } = this.#options;
    return Effect.flatMap(store.loadDefinitions([hash]), ([stored]) => {
      const text = stored ?? this.#memory.definitions.text(hash);
      if (text === undefined) {
        return Effect.fail(
          new RequestRefused(
            this.#memory.definitions.has(hash)
              ? { code: "Internal", message: `The definition ${hash} is missing` }
              : { code: "NotFound", message: `No workflow and no execution has the definition ${hash} any more` },
          ),
        );
      }
      definitions.keepText(hash, text);
      return Effect.succeed(text);
    });
  }

  #history({ executionId, after, limit, reply }: HistoryInput): void {
    const hot = this.#readable(executionId, reply);
    if (hot === undefined) return;
    const total = hot.turns.at(-1)?.[1] ?? 0;
    if (after >= total) return this.#batches.whenDurable(() => reply.succeed({ events: [] }), reply);
    const first = hot.turns.findIndex(([, eventCount]) => eventCount > after);
    let last = first;
    while (last + 1 < hot.turns.length && (hot.turns[last]?.[1] ?? 0) < after + limit) last += 1;
    const before = hot.turns[first - 1]?.[1] ?? 0;
    const places = hot.turns.slice(first, last + 1);
    this.look(reply, this.#historyPage(executionId, { places, firstTurn: first + 1, before, total }, after, limit));
  }

  /** @param range the turns with their places, the number of the first of them, and the events before it and in all */
  #historyPage(
    id: ExecutionId,
    { places, firstTurn, before, total }: {
      readonly places: readonly TurnPlace[];
      readonly firstTurn: number;
      readonly before: number;
      readonly total: number;
    },
    after: number,
    limit: number,
  ): Effect.Effect<HistoryPage, ReadFailure> {
    return Effect.map(this.#readTurns(id, places), (turns) => {
      let next = before + 1;
      const events = turns
        .filter(({ turn }) => turn.sequence >= firstTurn && turn.sequence < firstTurn + places.length)
        .flatMap(({ turn: { records, atEpochMs } }) =>
          records.filter(isEvent).map((event) => ({ id: next++, atEpochMs, event }))
        )
        .filter(({ id }) => id > after)
        .slice(0, limit);
      const end = events.at(-1)?.id ?? after;
      return { events, ...present({ next: end < total ? end : undefined }) };
    });
  }

  #readTurns(id: ExecutionId, places: readonly TurnPlace[]): Effect.Effect<readonly PlacedTurn[], ReadFailure> {
    return Effect.suspend((): Effect.Effect<readonly PlacedTurn[], ReadFailure> =>
      this.#isForgotten(id, places)
        ? Effect.fail(new RequestRefused({ code: "NotFound", message: unknownExecution(id) }))
        : this.#loader.readTurns(id, places.map(([sequence]) => sequence))
    );
  }

  /** It is being deleted, and what was carried of it out of the log has been removed or is about to be. */
  #isForgotten(id: ExecutionId, [first]: readonly TurnPlace[]): boolean {
    const { hot, carriedThrough } = this.#memory;
    return hot.get(id)?.actors.execution.value === "Deleting" && (first?.[0] ?? Infinity) <= carriedThrough;
  }

  #redrive({ executionId, clientToken, mapRun, reply }: RedriveInput): void {
    const hot = this.#readable(executionId, reply);
    if (hot === undefined) return;
    const now = asOfNow(hot);
    if (clientToken !== undefined && now.execution.context.clientToken === clientToken) {
      return this.#batches.whenDurable(() => reply.succeed(now), reply);
    }
    const planned = this.#redriveCommand(now, hot.turns.map(([sequence]) => sequence));
    // Decided behind what has come meanwhile: the command says which redrive it is.
    this.look<RedriveExecutionCommand>({
      succeed: (command) =>
        this.#again({
          kind: "command",
          executionId,
          command: { ...command, ...present({ clientToken, mapRun }) },
          reply,
        }),
      refuse: reply.refuse,
    }, planned);
  }

  /** What the execution goes on from stands in its history. */
  #redriveCommand(
    { id, execution: { context } }: ExecutionAsOf,
    sequences: readonly number[],
  ): Effect.Effect<RedriveExecutionCommand, ReadFailure> {
    const refused = (code: "Internal" | "LimitExceeded", message: string) =>
      Effect.fail(new RequestRefused({ code, message }));
    return Effect.gen({ self: this }, function* () {
      const known = this.#memory.definitions.text(context.definitionHash) ??
        this.#options.definitions.text(context.definitionHash);
      const definition = known ?? (yield* this.#storedDefinition(context.definitionHash));
      const read = yield* this.#loader.readTurns(id, sequences);
      const events = read.flatMap(({ turn }) => turn.sequence > sequences.length ? [] : turn.records.filter(isEvent));
      const plan = redrivePlan(events, startOf(definition));
      if (plan === undefined) return yield* refused("Internal", `The history of "${id}" has no start`);
      const { turnBytesMax } = this.#options.limits;
      const turns = sequences.map((sequence, index) => sequence - (sequences[index - 1] ?? 0));
      if (payloadBytes([plan.resume as Json, turns]) > turnBytesMax) {
        return yield* refused("LimitExceeded", `What "${id}" would go on from is more than ${turnBytesMax} bytes`);
      }
      const redriveCount = (context.redriveCount ?? 0) + 1;
      return { type: "RedriveExecutionCommand", version: 1, executionId: id, redriveCount, ...plan, turns };
    });
  }

  #list({ space, before, limit, wanted, reply }: ListInput): void {
    if (!this.#memory.isIndexComplete) return reply.refuse(INDEX_INCOMPLETE);
    const hot = hotListing(this.#memory.hot.values(), space);
    if (Result.isFailure(hot)) return reply.refuse(this.#memory.defectOf(hot.failure));
    this.look(reply, listPage(this.#options.store, { space, before, limit, wanted }, hot.success));
  }
}

/** The first state of a definition that was found valid. */
function startOf(definition: string): string {
  return (JSON.parse(definition) as { readonly StartAt: string }).StartAt;
}

function unknownExecution(id: ExecutionId): string {
  return `Execution "${id}" does not exist`;
}
