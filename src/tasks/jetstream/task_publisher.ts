/**
 * Puts tasks on the stream, in order, and keeps those that it could not put there until it can.
 */
import type { NatsConnection } from "@nats-io/transport-node";
import { PipelinedPublisher, type PublishFailure } from "../../nats/mod.ts";
import { hash7, type TaskId } from "../../values/mod.ts";
import { RecentMap, type TaskMessage } from "../mod.ts";

/** Settings of a publisher, and what it tells. */
export interface TaskPublisherOptions {
  /** Messages in flight. */
  readonly windowMax: number;
  /** Sequences remembered, so that a task can be taken back. */
  readonly sequencesMax: number;
  readonly onStored: (sequence: number) => void;
  /** Sending has stopped, with this reason, until `resume`. */
  readonly onTrouble: (failure: PublishFailure) => void;
  /** This one can never be sent: larger than a message may be. */
  readonly onUnsendable: (task: TaskMessage, failure: unknown) => void;
}

const utf8 = new TextEncoder();
/** Sending goes on when a quarter of the window is free. */
const ROOM_PART = 4;

/** One queue, one window. Sending stops at the first failure, and goes on in the same order after `resume`. */
export class TaskPublisher {
  readonly #options: TaskPublisherOptions;
  readonly #publisher: PipelinedPublisher;
  #waiting = new Map<TaskId, TaskMessage>();
  /** Sent, and not known to be stored: first in line when sending goes on. */
  #returned: TaskMessage[] = [];
  readonly #sequences: RecentMap<number>;
  #isPaused = false;
  #isClosed = false;

  constructor(connection: NatsConnection, options: TaskPublisherOptions) {
    this.#options = options;
    this.#sequences = new RecentMap(options.sequencesMax);
    this.#publisher = new PipelinedPublisher(connection, { inFlightMax: options.windowMax });
  }

  /** Tasks not on the stream yet, those in flight left out. */
  get backlog(): number {
    return this.#waiting.size + this.#returned.length;
  }

  /** Takes tasks in; sends what the window has room for. */
  dispatch(tasks: readonly TaskMessage[]): void {
    for (const task of tasks) {
      if (this.#waiting.size === 0 && this.#canSend()) this.#send(task);
      else this.#waiting.set(task.taskId, task);
    }
  }

  /** The sequence of a task that is on the stream, if it is remembered; a task that still waits is forgotten. */
  takeBack(taskId: TaskId): number | undefined {
    this.#waiting.delete(taskId);
    return this.#sequences.get(taskId);
  }

  /** The task is on the stream already, at this sequence: somebody else has put it there. */
  found(taskId: TaskId, sequence: number): void {
    this.#sequences.set(taskId, sequence);
  }

  /** Sequences mean nothing any more: the stream is another one. */
  forgetSequences(): void {
    this.#sequences.clear();
  }

  /** Sends again after trouble: first what came back, in its order. */
  resume(): void {
    if (this.#returned.length > 0) {
      const first = this.#returned.map((task) => [task.taskId, task] as const);
      this.#waiting = new Map([...first, ...this.#waiting]);
      this.#returned = [];
    }
    this.#isPaused = false;
    this.#drain();
  }

  /** Sends no more. What waits is lost with the process: the log has it. */
  close(): void {
    this.#isClosed = true;
    this.#publisher.close();
    this.#waiting.clear();
    this.#returned = [];
    this.#sequences.clear();
  }

  #canSend(): boolean {
    return !this.#isPaused && !this.#isClosed && this.#publisher.room > 0;
  }

  #drain(): void {
    if (this.#waiting.size === 0) return;
    for (const [taskId, task] of this.#waiting) {
      if (!this.#canSend()) return; // an answer goes on
      this.#waiting.delete(taskId);
      this.#send(task);
    }
  }

  #send(task: TaskMessage): void {
    try {
      this.#publisher.send(
        subjectOf(task),
        utf8.encode(JSON.stringify(task)),
        undefined,
        (failure, sequence) => this.#onPublished(task, failure, sequence),
      );
    } catch (failure) {
      this.#options.onUnsendable(task, failure);
    }
  }

  #onPublished(task: TaskMessage, failure: PublishFailure | undefined, sequence: number): void {
    if (this.#isClosed) return;
    if (failure === undefined) {
      this.#options.onStored(sequence);
      this.#sequences.set(task.taskId, sequence);
      // Not for each answer: finding the first of a long queue, of which the head is gone, takes a while.
      if (this.#publisher.room * ROOM_PART >= this.#options.windowMax) this.#drain();
      return;
    }
    this.#returned.push(task);
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#options.onTrouble(failure);
  }
}

/** `/{tenant}/{namespace}/t{hash7}/…` says all that its subject does, but for a task that was given to a worker of another name. */
function subjectOf({ taskId, resource, mappedFrom }: TaskMessage): string {
  const [, tenant, namespace, type = ""] = taskId.split("/", 4);
  return `weft.task.${tenant}.${namespace}.${mappedFrom === undefined ? type.slice(1) : hash7(resource)}`;
}
