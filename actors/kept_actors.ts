/** An execution as it is kept outside memory: in the local store and in snapshots. */
import { Result, Schema } from "effect";
import {
  ActivityContext,
  BranchContext,
  type Command,
  commandSchemas,
  ExecutionContext,
  executionStatuses,
  IterationContext,
  TaskContext,
} from "../src/protocol/mod.ts";
import type { Json } from "../src/values/mod.ts";
import type { ActorSnapshot } from "./actor.ts";
import { ExecutionActors } from "./execution_actors.ts";
import { restoredSnapshot } from "./flat_machine.ts";
import * as machines from "./machines.ts";

const childStatuses = ["Running", "Canceling", "Succeeded", "Failed", "Canceled"] as const;

const KeptActors = Schema.Struct({
  version: Schema.Literal(1),
  execution: Schema.Struct({ value: Schema.Literals(executionStatuses), context: ExecutionContext }),
  activities: Schema.Array(
    Schema.Struct({ value: Schema.Literals(["Running", "Retrying", "Completing"]), context: ActivityContext }),
  ),
  branches: Schema.Array(Schema.Struct({ value: Schema.Literals(childStatuses), context: BranchContext })),
  iterations: Schema.Array(Schema.Struct({ value: Schema.Literals(childStatuses), context: IterationContext })),
  tasks: Schema.Array(
    Schema.Struct({ value: Schema.Literals(["Created", "Activated", "Reclaiming"]), context: TaskContext }),
  ),
  turnCount: Schema.Number,
  eventCount: Schema.Number,
  commandCount: Schema.Number,
  historyCount: Schema.Number,
  unprocessed: Schema.Array(Schema.Tuple([Schema.Number, Schema.Unknown])),
});
const decodeKept = Schema.decodeUnknownResult(KeptActors);
const decodeCommand = Schema.decodeUnknownResult(
  Schema.Union(Object.values(commandSchemas)) as Schema.Codec<Command, unknown>,
);

const bare = <Status extends string, Context>({ value, context }: ActorSnapshot<Status, Context>) => ({
  value,
  context,
});

/** Plain data, enough to go on from. Equal states give equal canonical JSON. */
export function keptActors(actors: ExecutionActors): Json {
  return {
    version: 1,
    execution: bare(actors.execution),
    activities: [...actors.activities.values()].map(bare),
    branches: [...actors.branches.values()].map(bare),
    iterations: [...actors.iterations.values()].map(bare),
    tasks: [...actors.tasks.values()].map(bare),
    turnCount: actors.turnCount,
    eventCount: actors.eventCount,
    commandCount: actors.commandCount,
    historyCount: actors.historyCount,
    unprocessed: [...actors.unprocessed],
  } as Json;
}

/** The inverse of {@link keptActors}; a failure says what does not fit: a broken store, or one of another version. */
export function restoredActors(kept: Json): Result.Result<ExecutionActors, string> {
  const decoded = decodeKept(kept);
  if (Result.isFailure(decoded)) return Result.fail(decoded.failure.message);
  const { execution, activities, branches, iterations, tasks, unprocessed, ...counts } = decoded.success;
  const actors = new ExecutionActors();
  actors.restore({
    execution: restoredSnapshot(machines.executions, execution),
    activities: activities.map((activity) => restoredSnapshot(machines.activities, activity)),
    branches: branches.map((branch) => restoredSnapshot(machines.branches, branch)),
    iterations: iterations.map((iteration) => restoredSnapshot(machines.iterations, iteration)),
    tasks: tasks.map((task) => restoredSnapshot(machines.tasks, task)),
  });
  actors.turnCount = counts.turnCount;
  actors.eventCount = counts.eventCount;
  actors.commandCount = counts.commandCount;
  actors.historyCount = counts.historyCount;
  for (const [ordinal, command] of unprocessed) {
    const known = decodeCommand(command);
    if (Result.isFailure(known)) return Result.fail(known.failure.message);
    actors.unprocessed.set(ordinal, known.success);
  }
  return Result.succeed(actors);
}
