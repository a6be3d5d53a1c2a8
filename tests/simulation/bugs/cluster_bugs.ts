/** Bugs of what nodes of a cluster do together: who is believed to lead, handing over, following. */
import { Effect } from "effect";
import type { AppendConflict } from "../../../src/log/port.ts";
import { HlcSource } from "../../../src/runtime/hlc_source.ts";
import { LeaderTerm } from "../../../src/runtime/partition/leader_term.ts";
import { PartitionMemory } from "../../../src/runtime/partition/partition_memory.ts";
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

/** Of so many batches a follower that leaves some out leaves out one. */
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
    seed: 30,
    isOfCluster: true,
    member: TrustingMember,
  },
  unfenced: {
    what: "what is appended is not fenced by the sequence that its writer expects",
    breaks: ["oneLeader"],
    seed: 4,
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
