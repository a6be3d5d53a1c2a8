/** An execution as it is kept outside memory: in the local store and in snapshots. */
import { Result, Schema } from "effect";
import {
  ActivityContext,
  BranchContext,
  childStatuses,
  damaged,
  ExecutionContext,
  executionStatuses,
  Format,
  isCommand,
  IterationContext,
  openActivityStatuses,
  openTaskStatuses,
  readRecord,
  TaskContext,
  type Unreadable,
} from "../src/protocol/mod.ts";
import { isJsonObject, type Json } from "../src/values/mod.ts";
import type { ActorSnapshot, ExecutionSnapshot } from "./actor.ts";
import { ExecutionActors } from "./execution_actors.ts";
import { restoredSnapshot } from "./flat_machine.ts";
import * as machines from "./machines.ts";

const KeptActors = Schema.Struct({
  version: Schema.Literal(1),
  execution: Schema.Struct({ value: Schema.Literals(executionStatuses), context: ExecutionContext }),
  activities: Schema.Array(
    Schema.Struct({ value: Schema.Literals(openActivityStatuses), context: ActivityContext }),
  ),
  branches: Schema.Array(Schema.Struct({ value: Schema.Literals(childStatuses), context: BranchContext })),
  iterations: Schema.Array(Schema.Struct({ value: Schema.Literals(childStatuses), context: IterationContext })),
  tasks: Schema.Array(
    Schema.Struct({ value: Schema.Literals(openTaskStatuses), context: TaskContext }),
  ),
  turnCount: Schema.Number,
  eventCount: Schema.Number,
  commandCount: Schema.Number,
  historyCount: Schema.Number,
  unprocessed: Schema.Array(Schema.Tuple([Schema.Number, Schema.Unknown])),
});
/** Whatever changes above makes a new version: the one before moves into `older`, with an upcaster. */
const keptActorsFormat = new Format({ what: "a kept execution", schema: KeptActors, older: [] });

const bare = <Status extends string, Context>({ value, context }: ActorSnapshot<Status, Context>) => ({
  value,
  context,
});

/** Plain data, enough to go on from. Equal states give equal canonical JSON. */
export function keptActors(actors: ExecutionActors): Json {
  return {
    version: keptActorsFormat.version,
    execution: bare(actors.execution),
    activities: [...actors.activities.values()].map(bare),
    branches: actors.branches.map(bare),
    iterations: actors.iterations.map(bare),
    tasks: [...actors.tasks.values()].map(bare),
    turnCount: actors.turnCount,
    eventCount: actors.eventCount,
    commandCount: actors.commandCount,
    historyCount: actors.historyCount,
    unprocessed: [...actors.unprocessed],
  } as Json;
}

/** Why a kept execution has to wait for a newer Weft; `undefined` when it has not, though it may be broken. Looks at the version alone. */
export function keptByNewer(kept: Json): Unreadable | undefined {
  if (!isJsonObject(kept)) return undefined;
  const known = keptActorsFormat.known(kept["version"]);
  return Result.isFailure(known) && known.failure.isNewer ? known.failure : undefined;
}

const readExecution = Schema.decodeUnknownResult(KeptActors.fields.execution);

/** The execution alone of what is kept: as {@link restoredActors}, at a fraction of the cost. */
export function restoredExecution(kept: Json): Result.Result<ExecutionSnapshot, Unreadable> {
  if (isJsonObject(kept) && kept["version"] === keptActorsFormat.version) {
    return Result.mapError(readExecution(kept["execution"]), ({ message }) => damaged(message));
  }
  return Result.map(keptActorsFormat.read(kept), ({ execution }) => execution);
}

/** The inverse of {@link keptActors}, also of what earlier versions kept; a failure says what does not fit. */
export function restoredActors(kept: Json): Result.Result<ExecutionActors, Unreadable> {
  const decoded = keptActorsFormat.read(kept);
  if (Result.isFailure(decoded)) return Result.fail(decoded.failure);
  const { execution, activities, branches, iterations, tasks, unprocessed, ...counts } = decoded.success;
  const actors = new ExecutionActors();
  actors.restore({
    execution: restoredSnapshot(machines.executions, execution),
    activities: activities.map((activity) => restoredSnapshot(machines.activities, activity)),
    children: [...branches, ...iterations].map((child) => restoredSnapshot(machines.children, child)),
    tasks: tasks.map((task) => restoredSnapshot(machines.tasks, task)),
  });
  actors.turnCount = counts.turnCount;
  actors.eventCount = counts.eventCount;
  actors.commandCount = counts.commandCount;
  actors.historyCount = counts.historyCount;
  for (const [ordinal, command] of unprocessed) {
    const known = readRecord(command);
    if (Result.isFailure(known)) return Result.fail(known.failure);
    if (!isCommand(known.success)) return Result.fail(damaged(`a kept command is a "${known.success.type}"`));
    actors.unprocessed.set(ordinal, known.success);
  }
  return Result.succeed(actors);
}
