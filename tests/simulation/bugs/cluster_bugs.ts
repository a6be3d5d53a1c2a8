/** Bugs of what nodes of a cluster do together: who is believed to lead, handing over, following. */
import { Effect } from "effect";
import type { AppendConflict } from "../../../src/log/port.ts";
import { MemberCalls } from "../../../src/runtime/cluster/member_calls.ts";
import { HlcSource } from "../../../src/runtime/hlc_source.ts";
import { LeaderTerm } from "../../../src/runtime/partition/leader_term.ts";
import { PartitionMemory } from "../../../src/runtime/partition/partition_memory.ts";
import { CarriedHistory } from "../../../src/runtime/partition/trim/carried_history.ts";
import type { Confirmation } from "../../../src/cluster/mod.ts";
import { SimMember } from "../world/sim_cluster.ts";
import { NodeLog } from "../world/sim_log.ts";
import { both, type Bug, replace } from "./bug.ts";

/** Believes at once that its session stands. */
class TrustingMember extends SimMember {
  protected override confirm(answer: (outcome: Confirmation) => void): void {
    answer("confirmed");
  }
}

/** Takes every entry, wherever its writer expects it to be. */
class UnfencedLog extends NodeLog {
  override append(bytes: Uint8Array): Effect.Effect<number, AppendConflict> {
    return Effect.suspend(() => {
      const expected = this.log.last;
      this.log.append(bytes.slice(), expected);
      return Effect.succeed(expected + 1);
    });
  }
}

/** Says that it has handed a lease over, and keeps it. */
class KeepingMember extends SimMember {
  override get service() {
    return { ...super.service, handOver: () => Effect.succeed(true) };
  }
}

/** Of so many batches a follower that leaves some out leaves out one, or takes it in twice. */
const SKIPPED = 3;

/** Notes the memory of each term that follows. */
function noticed(followers: WeakSet<PartitionMemory>): () => void {
  return replace(LeaderTerm.prototype, "follow", (sound) =>
    function (this: LeaderTerm, ...rest) {
      followers.add(this.memory);
      return sound.apply(this, rest);
    });
}

export const clusterBugs = {
  replacedAnswers: {
    what: "a leader that was replaced answers from memory",
    breaks: ["readIsCurrent", "effectAfterLog", "startsExistAndEnd", "oneKeyOneExecution", "listsComplete"],
    seed: 8,
    isOfCluster: true,
    member: TrustingMember,
  },
  unfenced: {
    what: "what is appended is not fenced by the sequence that its writer expects",
    breaks: ["oneLeader"],
    seed: 8,
    isOfCluster: true,
    log: UnfencedLog,
  },
  skippedBatches: {
    what: "a follower leaves out what stands in some batches",
    breaks: [
      "noDefect",
      "replayEqualsLive",
      "checkpointBehindLog",
      "history",
      "feed",
      "startsExistAndEnd",
      "readIsCurrent",
    ],
    seed: 1,
    isOfCluster: true,
    install: () => {
      const followers = new WeakSet<PartitionMemory>();
      const skipping = replace(
        PartitionMemory.prototype,
        "replay",
        (sound) =>
          function (this: PartitionMemory, batch, sequence, ...rest) {
            const isSkipped = followers.has(this) && sequence % SKIPPED === 0;
            return sound.call(this, isSkipped ? { ...batch, turns: [] } : batch, sequence, ...rest);
          },
      );
      return both(noticed(followers), skipping);
    },
  },
  appliedTwice: {
    what: "a follower takes some batches in twice",
    breaks: ["noDefect", "replayEqualsLive", "checkpointBehindLog", "history", "readAfterLog"],
    seed: 3,
    isOfCluster: true,
    install: () => {
      const followers = new WeakSet<PartitionMemory>();
      const doubling = replace(
        PartitionMemory.prototype,
        "replay",
        (sound) =>
          function (this: PartitionMemory, batch, sequence, ...rest) {
            const isDoubled = followers.has(this) && sequence % SKIPPED === 0;
            const twice = batch.turns.flatMap((turn) => [turn, { ...turn, sequence: turn.sequence + 1 }]);
            return sound.call(this, isDoubled ? { ...batch, turns: twice } : batch, sequence, ...rest);
          },
      );
      return both(noticed(followers), doubling);
    },
  },
  lostHandOver: {
    what: "a node stops leading for a hand-over, and the lease never comes to the other",
    breaks: ["handOver", "takeOver", "dispatchBounded", "progress"],
    seed: 12,
    isOfCluster: true,
    member: KeepingMember,
  },
  forwardedTwice: {
    what: "a start that is forwarded to its leader is sent twice",
    breaks: ["oneStart"],
    seed: 6,
    isOfCluster: true,
    install: () =>
      replace(MemberCalls.prototype, "ask", (sound) =>
        function (this: MemberCalls, to, partition, input) {
          sound.call(this, to, partition, input);
          if (input.kind !== "start") return;
          sound.call(this, to, partition, { ...input, reply: { succeed: () => {}, refuse: () => {} } });
        }),
  },
  leftHistory: {
    what: "who has followed does not bring the history that was carried out of the log",
    breaks: ["noDefect", "history", "progress", "trims"],
    seed: 67,
    isOfCluster: true,
    install: () => replace(CarriedHistory.prototype, "bring", () => () => Effect.void),
  },
  oneLane: {
    what: "two partitions draw from one lane of the clock",
    breaks: ["oneOutcome"],
    seed: 1,
    isOfCluster: true,
    install: () =>
      replace(HlcSource.prototype, "lane", (sound) =>
        function (this: HlcSource, _lane, lanes) {
          return sound.call(this, 0, lanes);
        }),
  },
} as const satisfies Record<string, Bug>;
