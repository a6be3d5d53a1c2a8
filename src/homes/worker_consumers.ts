/** Makes the consumers that workers share, for workers that may not make them: at the first task of each resource. */
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { ensureOwnTaskConsumer, taskSubject } from "../nats/mod.ts";
import type { TaskMessage } from "../tasks/mod.ts";
import { parseTaskId } from "../values/mod.ts";

const TIMEOUT_MS = 5_000;
const AGAIN_MS = 1_000;

/** What was made so far. One for a node. */
export class WorkerConsumers {
  readonly #connection: NatsConnection;
  readonly #made = new Set<string>();
  #manager: Promise<JetStreamManager> | undefined;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /** Sees to the consumers of these tasks, and does not wait for it. */
  ensure(tasks: readonly TaskMessage[]): void {
    for (const { taskId, resource } of tasks) {
      const space = parseTaskId(taskId);
      if (space === undefined) continue;
      const queue = { tenant: space.tenant, namespace: space.namespace, resource };
      const subject = taskSubject(queue);
      if (this.#made.has(subject)) continue;
      this.#made.add(subject);
      void this.#make(queue, subject);
    }
  }

  /** The stream was lost, and its consumers with it. */
  forget(): void {
    this.#made.clear();
  }

  async #make(queue: Parameters<typeof ensureOwnTaskConsumer>[1], subject: string): Promise<void> {
    try {
      this.#manager ??= jetstreamManager(this.#connection, { timeout: TIMEOUT_MS });
      await ensureOwnTaskConsumer(await this.#manager, queue);
    } catch {
      // The next task of the resource tries again, and so does this in a moment: the stream may be on its way.
      this.#manager = undefined;
      if (this.#connection.isClosed()) return;
      setTimeout(() => {
        if (!this.#connection.isClosed() && this.#made.has(subject)) void this.#make(queue, subject);
      }, AGAIN_MS).unref();
    }
  }
}
