/** What stops a server or a part of it, and codes that only the command line has. A test holds that the product has each name. */
import type { ErrorPage } from "./page.ts";

/** Incidents that stop a partition. */
export const incidents: Readonly<Record<string, ErrorPage>> = {
  LogFromNewerVersion: {
    meaning:
      "the log holds a batch or a record of a version that this Weft does not know. It is whole: a newer Weft wrote it.",
    cause:
      "an older Weft was started on the store or cluster of a newer one, such as after an upgrade that was taken back.",
    remedy:
      "run the Weft that the message names, or a newer one. The message has the type of the record and its version, where it stands, and up to which version this Weft reads it.",
  },
  StoreFromNewerVersion: {
    meaning: "the same of what is kept beside the log: the local store, the snapshot bucket, the cluster's settings.",
    cause: "as above.",
    remedy:
      "as above. A local store, and only that, may also be removed: it is made again from the log and the bucket, if this Weft can read those.",
  },
  LogDamaged: {
    meaning:
      'the log is not what was written to it: a hole, a fork, a flipped bit, an end that is too early. "Cannot trust partition 3 at sequence 17" says where.',
    cause:
      "a failing disk, a file that was copied while it was written, a stream that was made anew or trimmed by hand.",
    remedy: "restore the log from a replica or a backup. Do not remove the store: it knows what had been durable.",
  },
};

/** Failures that keep a server from starting. */
export const startFailures: Readonly<Record<string, ErrorPage>> = {
  ClusterSettingsLost: {
    meaning:
      "the log's streams are there, but the cluster's settings are not. Nothing was made or changed: with invented settings, executions would not be found.",
    cause: "the bucket `WEFT_SNAPSHOTS` was deleted, or not restored with the streams.",
    remedy:
      "restore the bucket (the stream `KV_WEFT_SNAPSHOTS`) from a backup. Without one, start once with `weft serve --adopt-streams`: id and number of partitions come from the streams, the token secret is new, and tokens given out before are refused. What the log was trimmed of is only in a backup of the bucket or in a node's local store.",
  },
  ClusterSettingsDisagree: {
    meaning:
      "the settings have another cluster id, number of partitions or token secret than a log stream says. Nothing was changed.",
    cause: "a bucket restored from another cluster, or settings that were made anew beside an old log.",
    remedy:
      "restore the bucket and the streams that belong together. If the message says that only the secret is another one, and the old one is gone, `--adopt-streams` takes the one of the settings.",
  },
};

/** Codes of the command line. */
export const commandCodes: Readonly<Record<string, ErrorPage>> = {
  Usage: {
    meaning:
      "the command was used wrongly: an unknown option, a file that is not there, an input that is no JSON. Exit status 2; nothing was opened or asked.",
    cause: "a slip, or quotes that the shell took for itself.",
    remedy: "the message names the argument, and where in a text the fault is; `--help` has examples.",
  },
  Unreachable: {
    meaning: "there is no NATS server at the address, or it refuses the user.",
    cause: "none was started, another port, missing credentials.",
    remedy:
      "start one with `nats-server --jetstream`, or give `--nats` and `--credentials`. `weft doctor` looks closer.",
  },
  ExecutionFailed: {
    meaning:
      "the command worked, and the execution that it ran or waited for did not succeed. `error`, `cause`, `status` and `executionId` stand beside the code.",
    cause: "the workflow's own: see the error.",
    remedy: "`weft executions history ID`, or `weft run … --steps`, shows where it went wrong.",
  },
  ExecutionCanceled: {
    meaning:
      "the command worked, and the execution that it ran or waited for did not succeed. `error`, `cause`, `status` and `executionId` stand beside the code.",
    cause: "the workflow's own: see the error.",
    remedy: "`weft executions history ID`, or `weft run … --steps`, shows where it went wrong.",
  },
  Failed: {
    meaning: "something that has no code: a store that cannot be opened, a module that throws.",
    cause: "the message says it.",
    remedy: "as the message says. A store belongs to one process at a time.",
  },
  ProcessFailed: {
    meaning:
      "one of the processes of `weft serve --processes` or `weft dev --nodes` ended before it was up, and all were ended.",
    cause: "what that process said: an address in use, a store of another process, a NATS server that is not there.",
    remedy:
      "the lines after `[NAME]` on stderr are its own. `weft serve` alone, with the same options, shows the same failure by itself.",
  },
};
