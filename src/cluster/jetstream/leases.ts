import { Effect, Result } from "effect";
import { ClusterUnavailable, type MemberId } from "../mod.ts";
import type { ClusterBucket } from "./cluster_bucket.ts";
import type { KnownCluster } from "./known_cluster.ts";
import { encodeLease, leaseKey, readLease, sessionKey } from "./records.ts";
import type { Watch } from "./watch.ts";

/** What leases are taken with. */
export interface LeaseParts {
  readonly bucket: ClusterBucket;
  readonly known: KnownCluster;
  readonly watch: Watch;
  /** Milliseconds for which what was read may be acted upon. */
  readonly readMs: number;
}

interface Lease {
  readonly holder: MemberId | undefined;
  readonly sequence: number;
  readonly readAtMs: number;
}

/** Takes and gives leases: each change of one expects the record that was read. */
export class Leases {
  readonly #parts: LeaseParts;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  /** As {@link Cluster.acquire}. */
  acquire(partition: number): Effect.Effect<boolean, ClusterUnavailable> {
    const { known } = this.#parts;
    return Effect.gen({ self: this }, function* () {
      const self = known.view.self;
      if (self === undefined) return false;
      const lease = yield* this.#read(partition);
      if (lease.holder === self) return known.view.self === self;
      if (lease.holder !== undefined && !(yield* this.#isGone(lease.holder))) return false;
      const isOurs = yield* this.#give(partition, self, lease, "acquire a lease");
      return isOurs && known.view.self === self;
    });
  }

  /** As {@link Cluster.handOver}. */
  handOver(partition: number, to: MemberId | undefined): Effect.Effect<boolean, ClusterUnavailable> {
    const { known } = this.#parts;
    return Effect.gen({ self: this }, function* () {
      const self = known.view.self;
      const lease = yield* this.#read(partition);
      if (self === undefined || lease.holder !== self) return false;
      return yield* this.#give(partition, to, lease, "hand over a lease");
    });
  }

  #read(partition: number): Effect.Effect<Lease, ClusterUnavailable> {
    const { bucket, known } = this.#parts;
    const key = leaseKey(partition);
    return Effect.gen(function* () {
      const readAtMs = performance.now();
      const { sequence, bytes } = yield* bucket.read(key);
      if (bytes === undefined) return { holder: undefined, sequence, readAtMs };
      const holder = readLease(key, bytes);
      if (Result.isFailure(holder)) {
        return yield* new ClusterUnavailable({ operation: "read a lease", cause: holder.failure });
      }
      known.putLease(partition, holder.success, sequence);
      return { holder: holder.success, sequence, readAtMs };
    });
  }

  /**
   * Whether a member's session has ended for ever. Its mark proves it. Where there is none, whoever answered might not have known the session
   * yet: the mark is written, which succeeds only if there is none.
   */
  #isGone(id: MemberId): Effect.Effect<boolean, ClusterUnavailable> {
    const { bucket, known } = this.#parts;
    const key = sessionKey(id);
    return Effect.gen(function* () {
      if (known.isGone(id)) return true;
      const { sequence, bytes } = yield* bucket.read(key);
      if (bytes !== undefined) return false;
      if (sequence === 0) {
        const outcome = yield* bucket.write(key, undefined, 0);
        if (outcome === "conflict") return false;
        if (outcome === "unknown") return yield* new ClusterUnavailable({ operation: "end a session" });
      }
      known.removeMember(id);
      return true;
    });
  }

  #give(
    partition: number,
    to: MemberId | undefined,
    { sequence, readAtMs }: Lease,
    operation: string,
  ): Effect.Effect<boolean, ClusterUnavailable> {
    const { bucket, known, watch, readMs } = this.#parts;
    const key = leaseKey(partition);
    return Effect.gen(function* () {
      // Where all servers lost the bucket, sequences come again: what was read long ago might stand there by chance.
      if (performance.now() - readAtMs > readMs) return yield* new ClusterUnavailable({ operation });
      const outcome = yield* bucket.write(key, encodeLease(to), sequence);
      if (outcome === "unknown") return yield* new ClusterUnavailable({ operation });
      if (outcome === "conflict") return false;
      known.putLease(partition, to, outcome);
      watch.tell(key, outcome, true);
      return true;
    });
  }
}
