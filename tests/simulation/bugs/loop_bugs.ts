/** Bugs of what is decided and let out: requests, timers, tasks, the feed, the stop. */
import { Buffer } from "node:buffer";
import { Effect } from "effect";
import type { TaskClaim } from "../../../src/runtime/task_token.ts";
import { TaskTokens, type WallClock } from "../../../src/runtime/mod.ts";
import { BatchLine } from "../../../src/runtime/partition/batch_line.ts";
import { Decider } from "../../../src/runtime/partition/decider.ts";
import { KnownDefinitions } from "../../../src/runtime/partition/definitions/known_definitions.ts";
import { OpenBatch } from "../../../src/runtime/partition/open_batch.ts";
import type { PartitionInput, StartAnswer } from "../../../src/runtime/partition/partition_input.ts";
import { PartitionStore } from "../../../src/runtime/partition/store/partition_store.ts";
import { PartitionDraws } from "../../../src/runtime/partition/turn_draws.ts";
import { parseActivityId } from "../../../src/values/mod.ts";
import type { SimRandom } from "../world/sim_random.ts";
import { both, type Bug, replace } from "./bug.ts";

/** Part of the alarms that never ring. */
const LOST_ALARMS = 0.4;
const LATE_MS = 30_000;
/** How long a node pauses before it leads again, and how long it does with the bug, milliseconds. */
const TERM_PAUSE_MS = 200;
const LONG_PAUSE_MS = 60_000;

function lossyClock(clock: WallClock, random: SimRandom): WallClock {
  const nothing = () => {};
  return {
    ...clock,
    alarm: (atEpochMs, ring) => random.chance(LOST_ALARMS) ? nothing : clock.alarm(atEpochMs, ring),
  };
}

const writing: readonly PartitionInput["kind"][] = ["start", "command", "timers", "continue", "redispatch"];

/** Only looks, and is said to look once all that was decided before is durable. */
function isRead(input: PartitionInput): boolean {
  if (input.kind === "resource") return input.wish.type === "read";
  return !writing.includes(input.kind) && input.kind !== "workflow";
}

/** The start's answer, unless an execution that has ended is what it came to. */
function refusedOnceEnded(input: PartitionInput): PartitionInput {
  if (input.kind !== "start") return input;
  const { reply, options: { key } } = input;
  return {
    ...input,
    reply: {
      ...reply,
      succeed: (answer: StartAnswer) => {
        if (!answer.isRepeat || answer.ended === undefined) reply.succeed(answer);
        else reply.refuse({ code: "AlreadyExists", message: `Key "${key}" belongs to an execution that has ended` });
      },
    },
  };
}

/** What a token says, whoever wrote it. */
function believed(token: string): TaskClaim | undefined {
  const [activity = "", task = "", role] = Buffer.from(token.split(".")[0] ?? "", "base64url").toString().split(" ");
  const executionId = parseActivityId(activity)?.executionId;
  if (executionId === undefined) return undefined;
  return {
    executionId,
    activityId: activity as TaskClaim["activityId"],
    taskId: task as TaskClaim["taskId"],
    ...(role === "request" || role === "runner" ? { role } : {}),
  };
}

/** Effects that wait for each batch. */
const effectsOf = new WeakMap<OpenBatch, (() => void)[]>();

export const loopBugs = {
  hastyRead: {
    what: "a read is answered from memory, before what it speaks of is durable",
    breaks: ["readAfterLog", "readIsCurrent", "history"],
    seed: 4,
    install: () => {
      let isReading = false;
      const noticed = replace(Decider.prototype, "process", (sound) =>
        function (this: Decider, input) {
          isReading = isRead(input);
          sound.call(this, input);
          isReading = false;
        });
      const hurried = replace(BatchLine.prototype, "whenDurable", (sound) =>
        function (this: BatchLine, answer, reply) {
          if (isReading) answer();
          else sound.call(this, answer, reply);
        });
      return both(noticed, hurried);
    },
  },
  lostTimer: {
    what: "some alarms never ring",
    breaks: ["timers"],
    seed: 2,
    clock: lossyClock,
  },
  lateTimer: {
    what: "alarms ring half a minute late",
    breaks: ["timers"],
    seed: 1,
    clock: (clock) => ({ ...clock, alarm: (atEpochMs, ring) => clock.alarm(atEpochMs + LATE_MS, ring) }),
  },
  lateLeader: {
    what: "a node waits a minute before it leads again",
    breaks: ["takeOver"],
    seed: 3,
    clock: (clock) => ({
      ...clock,
      after: (ms, ring) => clock.after(ms === TERM_PAUSE_MS ? LONG_PAUSE_MS : ms, ring),
    }),
  },
  refusedRepeat: {
    what: "a start that is repeated with its key and input is refused once the execution has ended",
    breaks: ["oneKeyOneExecution"],
    seed: 1,
    install: () =>
      replace(Decider.prototype, "process", (sound) =>
        function (this: Decider, input) {
          return sound.call(this, refusedOnceEnded(input));
        }),
  },
  halvedHeartbeat: {
    what: "heartbeats are due after half of their seconds",
    breaks: ["deadlines"],
    seed: 2,
    install: () => {
      let isBeating = false;
      const noticed = replace(Decider.prototype, "process", (sound) =>
        function (this: Decider, input) {
          isBeating = input.kind === "command" && /^(Heartbeat|Activate)Task/.test(input.command.type);
          sound.call(this, input);
          isBeating = false;
        });
      const halved = replace(PartitionDraws.prototype, "delayMs", (sound) =>
        function (this: PartitionDraws, seconds) {
          return sound.call(this, isBeating ? seconds / 2 : seconds);
        });
      return both(noticed, halved);
    },
  },
  forgedToken: {
    what: "a task's token is believed without its signature",
    breaks: ["tokens"],
    seed: 3,
    install: () => replace(TaskTokens.prototype, "read", () => believed),
  },
  needlessDispatch: {
    what: "every open task is handed out again at each checkpoint",
    breaks: ["dispatchBounded"],
    seed: 1,
    reached: (node, point) => {
      if (point !== "afterCheckpoint") return;
      for (const partition of node.partitions) partition.offer({ kind: "redispatch" });
    },
  },
  reversedEffects: {
    what: "the effects of a batch come out in reverse",
    breaks: ["effectOrder"],
    seed: 3,
    install: () => {
      const kept = replace(OpenBatch.prototype, "onDurable", () =>
        function (this: OpenBatch, effect) {
          effectsOf.set(this, [effect, ...(effectsOf.get(this) ?? [])]);
        });
      const released = replace(OpenBatch.prototype, "release", () =>
        function (this: OpenBatch) {
          for (const effect of effectsOf.get(this) ?? []) effect();
        });
      return both(kept, released);
    },
  },
  forgottenRevision: {
    what: "earlier definitions of a workflow are forgotten, though it is there",
    breaks: ["definitions"],
    seed: 10,
    install: () =>
      replace(KnownDefinitions.prototype, "apply", (sound) =>
        function (this: KnownDefinitions, record, sequence) {
          if (record.type === "WorkflowPutEvent") {
            const { workflowId } = record;
            sound.call(this, { type: "WorkflowDeletedEvent", version: 1, workflowId }, sequence);
          }
          sound.call(this, record, sequence);
        }),
  },
  forgottenUse: {
    what: "definitions are forgotten, though executions that left memory are pinned to them",
    breaks: ["definitions"],
    seed: 3,
    install: () =>
      replace(
        PartitionStore.prototype,
        "usedDefinitions",
        () => () => Effect.succeed({ hashes: new Set(), isUnclear: false }),
      ),
  },
  idleDrain: {
    what: "a node that is told to stop drops what it has in hand",
    breaks: ["orderlyStop"],
    seed: 1,
    started: (node) => {
      for (const partition of node.partitions) Object.defineProperty(partition, "drain", { value: Effect.void });
    },
  },
} as const satisfies Record<string, Bug>;
