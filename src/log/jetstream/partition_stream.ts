import { JetStreamApiError, type JetStreamManager, type StreamConfig, type StreamInfo } from "@nats-io/jetstream";
import type { LogBounds } from "../port.ts";
import { hasIdentity, isMarked, type LogIdentity, markLog, metadataOf } from "./log_identity.ts";

/** What a partition's stream is called, and how it is to be kept. */
export interface StreamPlan {
  readonly name: string;
  /** First tokens of the subject; the last one is drawn when the stream is made. */
  readonly subjectPrefix: string;
  /** A fresh last token for the subject. */
  readonly incarnation: string;
  readonly replicas: number;
  /** Whose log it is; `undefined`: it is not said. */
  readonly identity: LogIdentity | undefined;
  /** Bytes of the largest message, its headers included. */
  readonly messageBytesMax: number;
}

/** Bytes that the headers of an append may take of a message. */
export const HEADER_BYTES_MAX = 1_024;

const STREAM_NOT_FOUND = 10059;
const STREAM_NAME_IN_USE = 10058;

/**
 * The stream as it is, made if there is none. Two nodes that make it at the same time get the same one.
 *
 * The subject's last token is another one each time a stream is made. So a writer that knew an earlier stream of this name
 * finds nobody on its subject, instead of appending to a log that it does not know.
 *
 * @throws {Error} JetStream's failures, and one that says which setting of the stream is not safe for a log
 */
export async function openStream(manager: JetStreamManager, plan: StreamPlan): Promise<StreamInfo> {
  const { info } = manager.streams;
  let found: StreamInfo;
  try {
    found = await info.call(manager.streams, plan.name).catch((failure) => {
      if (codeOf(failure) !== STREAM_NOT_FOUND) throw failure;
      return manager.streams.add(configOf(plan));
    });
  } catch (failure) {
    if (codeOf(failure) !== STREAM_NAME_IN_USE) throw failure;
    found = await manager.streams.info(plan.name); // another node was first
  }
  const unsafe = unsafeSettingOf(found.config, plan);
  if (unsafe !== undefined) throw new Error(`The stream ${plan.name} is not fit for a log: ${unsafe}`);
  const { identity } = plan;
  if (identity === undefined || isMarked(found, identity)) return found;
  if (hasIdentity(found)) {
    throw new Error(`The stream ${plan.name} is the log of another cluster, or of other settings`);
  }
  return await markLog(manager, plan.name, identity); // made before streams had it
}

/** First and last sequence of a stream, as the log's port has them: a stream without messages begins behind its last. */
export function boundsOf({ state }: StreamInfo): LogBounds {
  return { first: state.messages === 0 ? state.last_seq + 1 : state.first_seq, last: state.last_seq };
}

/** JetStream's numeric code of a failure; 0 if it is none of JetStream's. */
export function codeOf(failure: unknown): number {
  return failure instanceof JetStreamApiError ? failure.code : 0;
}

function configOf(plan: StreamPlan): Partial<StreamConfig> & { name: string } {
  return {
    name: plan.name,
    subjects: [`${plan.subjectPrefix}.${plan.incarnation}`],
    description: "Weft: the log of one partition",
    storage: "file",
    retention: "limits",
    discard: "new",
    num_replicas: plan.replicas,
    max_msg_size: plan.messageBytesMax,
    max_msgs: -1,
    max_bytes: -1,
    max_age: 0,
    deny_delete: true,
    deny_purge: false,
    allow_direct: false,
    allow_rollup_hdrs: false,
    ...(plan.identity === undefined ? {} : { metadata: metadataOf(plan.identity) }),
  };
}

/** What of a stream's configuration could lose or hide entries, or does not fit the plan; `undefined` if nothing. */
function unsafeSettingOf(config: StreamConfig, plan: StreamPlan): string | undefined {
  const rules: readonly (readonly [holds: boolean, demand: string])[] = [
    [config.storage === "file", "its storage must be file"],
    [config.retention === "limits", "its retention must be limits"],
    [config.deny_delete === true, "deny_delete must be set"],
    [config.deny_purge !== true, "deny_purge must not be set"],
    [config.allow_direct !== true, "allow_direct must not be set: a follower may answer with an old entry"],
    [config.max_msgs <= 0 && config.max_bytes <= 0 && config.max_age === 0, "it must have no limits"],
    [config.sealed !== true, "it must not be sealed"],
    [config.no_ack !== true, "no_ack must not be set"],
    [
      config.mirror === undefined && (config.sources ?? []).length === 0,
      "it must have no other source than its subject",
    ],
    [
      config.subjects?.length === 1 && !/[*>]/.test(config.subjects[0] ?? "*"),
      "it must have one subject without wildcards",
    ],
    [config.num_replicas >= plan.replicas, `it must have ${plan.replicas} replicas, but it has ${config.num_replicas}`],
  ];
  return rules.find(([holds]) => !holds)?.[1];
}
