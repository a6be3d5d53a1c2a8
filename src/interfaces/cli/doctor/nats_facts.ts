import type { HeardReport, TaskBacklog } from "../../../sdk/mod.ts";

/** What `weft doctor` wants to know of a NATS server. Times in milliseconds, sizes in bytes; absent: could not be seen. */
export interface NatsFacts {
  readonly url: string;
  /** Of the server that answered. */
  readonly server: {
    readonly name: string;
    /** Such as `2.15.1`. */
    readonly version: string;
    readonly clusterName?: string;
    readonly payloadBytesMax: number;
  };
  readonly roundTripMs: number;
  readonly jetStream:
    | { readonly isEnabled: false; readonly reason: string }
    | {
      readonly isEnabled: true;
      /** What the account may use; −1: no limit. */
      readonly memoryBytesMax: number;
      readonly memoryBytesUsed: number;
      readonly storageBytesMax: number;
      readonly storageBytesUsed: number;
    };
  /** Streams whose name begins with `WEFT_` or `KV_WEFT_`. */
  readonly streams: readonly StreamFacts[];
  /** Names and versions of the NATS services that answer and begin with `weft`. */
  readonly services: readonly { readonly name: string; readonly version: string }[];
  /** What the nodes of the cluster say of themselves, by name. */
  readonly nodes: readonly HeardReport[];
  /** Tasks that wait for workers, by type. */
  readonly backlogs: readonly TaskBacklog[];
  /** Server's clock minus this machine's, and how exact that is. */
  readonly clock?: { readonly offsetMs: number; readonly uncertaintyMs: number };
  /** From the monitoring port, where its address was given. */
  readonly disk?: DiskFacts;
}

/** One stream, as the server describes it. */
export interface StreamFacts {
  readonly name: string;
  readonly storage: "file" | "memory";
  readonly replicasWanted: number;
  /** Replicas that are there and up to date, the leader included. */
  readonly replicasCurrent: number;
  readonly messageCount: number;
  readonly byteCount: number;
  /** Settings by which it may lose what Weft keeps there, in words. Empty: it is as Weft makes it. */
  readonly unsafeSettings: readonly string[];
  /** Of a log's stream, as its metadata says: how many partitions its cluster has. */
  readonly partitionCount?: number;
}

/** How the server writes to disk. */
export interface DiskFacts {
  /** Milliseconds between two syncs; 0 with `always`. */
  readonly syncIntervalMs: number;
  readonly syncsAlways: boolean;
}
