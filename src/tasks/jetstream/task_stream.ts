/**
 * The stream `WEFT_TASKS`: what it must be, making it where it is not, and seeing whether messages that it had are gone.
 */
import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from "@nats-io/jetstream";
import { nanos, type NatsConnection } from "@nats-io/transport-node";
import { TASK_STREAM } from "../../nats/mod.ts";

/** Subjects of the stream: `weft.task.{tenant}.{namespace}.{hash7 of the resource}`. */
export const TASK_SUBJECTS = "weft.task.>";

/** Settings of the stream; those of an existing one are changed to them. */
export interface TaskStreamSettings {
  /** Copies in a cluster, 1 to 5. Default: 1; what is lost is dispatched again. */
  readonly replicas?: number;
  /** Bytes of waiting tasks; beyond it they wait in the engine. Default: 256 MiB. */
  readonly streamBytesMax?: number;
  /** Milliseconds to wait for the server's answer about the stream. Default: 2,000. */
  readonly answerTimeoutMs?: number;
}

const STREAM_BYTES_MAX = 268_435_456;
const ANSWER_TIMEOUT_MS = 2_000;
const STREAM_NOT_FOUND = 10_059;
const DUPLICATE_WINDOW_MS = 1_000; // unused, and the default of two minutes would be paid for in memory

/** The stream is there, and cannot be what tasks need: an operator must look. */
export class TaskStreamUnusable extends Error {
  override readonly name = "TaskStreamUnusable";
}

/** Whether what was in the stream still is. */
export type StreamCheck = "kept" | "lost";

/** One node's view of the stream. */
export class TaskStream {
  readonly #manager: JetStreamManager;
  readonly #settings: TaskStreamSettings;
  #created = "";
  #highest = 0;

  private constructor(manager: JetStreamManager, settings: TaskStreamSettings) {
    this.#manager = manager;
    this.#settings = settings;
  }

  /** Opens the stream, making it where there is none. @throws {TaskStreamUnusable} another kind of stream has its name */
  static async open(connection: NatsConnection, settings: TaskStreamSettings): Promise<TaskStream> {
    const { answerTimeoutMs: timeout = ANSWER_TIMEOUT_MS } = settings;
    const stream = new TaskStream(await jetstreamManager(connection, { timeout }), settings);
    await stream.check();
    return stream;
  }

  /** What the stream is asked with. */
  get manager(): JetStreamManager {
    return this.#manager;
  }

  /** Notes that a message was stored at this sequence. */
  stored(sequence: number): void {
    if (sequence > this.#highest) this.#highest = sequence;
  }

  /**
   * Makes the stream where it is gone, and says whether messages stored before may be lost: it was made anew (by us or by
   * another node), or it is shorter than it was. @throws {Error} the server does not answer; ask again later
   */
  async check(): Promise<StreamCheck> {
    const highest = this.#highest;
    const created = this.#created;
    const found = await this.#find() ?? await this.#make();
    this.#created = found.created;
    const isNew = created !== "" && found.created !== created;
    if (!isNew && found.state.last_seq >= highest) return "kept";
    this.#highest = found.state.last_seq;
    return "lost";
  }

  /** Removes one task's message, if the stream still has it there. @throws {Error} the server does not answer */
  async remove(sequence: number, isIt: (bytes: Uint8Array) => boolean): Promise<void> {
    const message = await this.#manager.streams.getMessage(TASK_STREAM, { seq: sequence });
    if (message !== null && isIt(message.data)) await this.#manager.streams.deleteMessage(TASK_STREAM, sequence, false);
  }

  async #find(): Promise<StreamInfo | undefined> {
    let found: StreamInfo;
    try {
      found = await this.#manager.streams.info(TASK_STREAM);
    } catch (failure) {
      if (failure instanceof JetStreamApiError && failure.code === STREAM_NOT_FOUND) return undefined;
      throw failure;
    }
    const { retention, storage, subjects } = found.config;
    if (retention !== RetentionPolicy.Workqueue || storage !== StorageType.Memory || subjects[0] !== TASK_SUBJECTS) {
      throw new TaskStreamUnusable(
        `Expected stream "${TASK_STREAM}" to be a work queue in memory on "${TASK_SUBJECTS}", but it is ${retention} in ${storage} on "${subjects}"`,
      );
    }
    return await this.#adjust(found);
  }

  /** Brings an existing stream to the settings. */
  async #adjust(found: StreamInfo): Promise<StreamInfo> {
    const { num_replicas, max_bytes, allow_direct } = this.#wanted();
    const { config } = found;
    const isAsWanted = config.num_replicas === num_replicas && config.max_bytes === max_bytes && config.allow_direct;
    return isAsWanted
      ? found
      : await this.#manager.streams.update(TASK_STREAM, { num_replicas, max_bytes, allow_direct });
  }

  async #make(): Promise<StreamInfo> {
    return await this.#manager.streams.add({
      name: TASK_STREAM,
      description: "Open tasks of Weft, by resource; derived from the log, which dispatches again what is lost here",
      subjects: [TASK_SUBJECTS],
      retention: RetentionPolicy.Workqueue,
      storage: StorageType.Memory,
      discard: DiscardPolicy.New,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
      ...this.#wanted(),
    });
  }

  #wanted() {
    return {
      num_replicas: this.#settings.replicas ?? 1,
      max_bytes: this.#settings.streamBytesMax ?? STREAM_BYTES_MAX,
      allow_direct: true,
    };
  }
}
