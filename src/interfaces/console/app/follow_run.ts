/** One execution, kept up with: its history first, then the stream, and the history again where something was missed. */
import { signal } from "@preact/signals";
import type { EventPage, RunDetail, RunMessage, WireJson } from "../wire.ts";
import { ask, follow, sentence } from "./api.ts";
import { RunModel } from "../../../story/mod.ts";

/** Pause between two drawings of a busy execution, milliseconds. */
const DRAW_PAUSE_MS = 200;
/** While it goes on the history is looked at so often: the last message may have been lost, milliseconds. */
const LOOK_MS = 5_000;

/** An execution that is followed until `close`. */
export class FollowedRun {
  readonly executionId: string;
  readonly model = new RunModel();
  readonly detail = signal<RunDetail | undefined>(undefined);
  readonly definition = signal<WireJson | undefined>(undefined);
  /** Changes when the model has, and not more often than is drawn. */
  readonly version = signal(0);
  readonly trouble = signal("");
  readonly #timer: ReturnType<typeof setInterval>;
  #isReading = false;
  #isStale = false;
  #isDrawing = false;
  #stop: () => void = () => {};

  /** Begins to follow. */
  constructor(executionId: string) {
    this.executionId = executionId;
    void this.describe();
    this.#timer = setInterval(() => {
      if (this.model.endedAt === undefined) void this.#read();
    }, LOOK_MS);
    this.#stop = follow<RunMessage>(
      `?execution=${encodeURIComponent(executionId)}&${spaceQuery(executionId)}`,
      (message) => this.#hear(message),
      () => void this.#read(),
    );
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stop();
  }

  /** Reads what the events do not say. */
  async describe(): Promise<void> {
    try {
      const detail = await ask<RunDetail>("executions/describe", {
        executionId: this.executionId,
        ...spaceOf(this.executionId),
      });
      if (this.definition.value === undefined) this.definition.value = JSON.parse(detail.definition);
      this.detail.value = detail;
    } catch (failure) {
      this.trouble.value = sentence(failure);
    }
  }

  #hear(message: RunMessage): void {
    if ("reread" in message || this.#isReading) {
      this.#isStale = true;
      void this.#read();
      return;
    }
    if (!this.model.add(message.events)) void this.#read();
    if (message.events.some(({ type }) => /^Execution(Completed|Redriven|Canceling|Completing)/.test(type))) {
      void this.describe();
    }
    this.#draw();
  }

  async #read(): Promise<void> {
    if (this.#isReading) {
      this.#isStale = true;
      return;
    }
    this.#isReading = true;
    try {
      do {
        this.#isStale = false;
        let next: number | undefined = this.model.lastId;
        while (next !== undefined) {
          const page: EventPage = await ask<EventPage>("executions/history", {
            executionId: this.executionId,
            after: next,
            ...spaceOf(this.executionId),
          });
          this.model.add(page.events);
          this.#draw();
          next = page.next;
        }
      } while (this.#isStale);
      this.trouble.value = "";
      if (this.model.endedAt !== undefined && this.detail.value?.endedAt === undefined) void this.describe();
    } catch (failure) {
      this.trouble.value = sentence(failure);
    } finally {
      this.#isReading = false;
    }
  }

  #draw(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    setTimeout(() => {
      this.#isDrawing = false;
      this.version.value++;
    }, this.version.value === 0 ? 0 : DRAW_PAUSE_MS);
  }
}

/** Tenant and namespace of an execution's id. */
export function spaceOf(executionId: string): { readonly tenant?: string; readonly namespace?: string } {
  const [, tenant, namespace] = executionId.split("/");
  return tenant === undefined || namespace === undefined ? {} : { tenant, namespace };
}

function spaceQuery(executionId: string): string {
  const { tenant = "", namespace = "" } = spaceOf(executionId);
  return `tenant=${encodeURIComponent(tenant)}&namespace=${encodeURIComponent(namespace)}`;
}
