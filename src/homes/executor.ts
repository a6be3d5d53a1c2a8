import { Effect } from "effect";
import type { ExecutionDescription } from "../runtime/mod.ts";
import type { TaskHandler } from "../tasks/mod.ts";
import type { Json, Limits } from "../values/mod.ts";
import { openEmbeddedHome } from "./embedded.ts";
import type { Home } from "./home.ts";

const space = { tenant: "default", namespace: "default" };
const WORKFLOW = "machine";

/** A NATS server that tasks of `nats:…` find services on. No connection is made before the first of them. */
export interface NatsSettings {
  readonly url: string;
  /** File with a user's JWT and seed (`.creds`). */
  readonly credentialsFile?: string;
}

/** How an `Executor` keeps and does its work; all of it may be left out. */
export interface ExecutorOptions {
  /** Folder that keeps executions; absent: in memory, gone with the process. */
  readonly store?: string;
  /** `FULL` (default): on the disk before an answer is given. `NORMAL`: the last moments may be lost in a power cut. */
  readonly synchronous?: "FULL" | "NORMAL";
  /** Of a store that is made now. Default: 4. */
  readonly partitions?: number;
  /** Handlers at work at once. Default: 256. */
  readonly concurrency?: number;
  /** Factor on every wait, timeout and retry delay: 0.1 is ten times as fast. Default: 1. */
  readonly timeScale?: number;
  /** Instead of the defaults. */
  readonly limits?: Partial<Limits>;
  readonly nats?: NatsSettings;
}

/**
 * One state machine in one process: the smallest way to run Weft.
 *
 * ```ts
 * import { deepStrictEqual } from "node:assert/strict";
 * const machine = {
 *   StartAt: "Greet",
 *   States: { Greet: { Type: "Task", Resource: "greet", End: true } },
 * };
 * await using executor = new Executor(machine, { greet: (name) => `Hello, ${name}` });
 * await executor.run("Ada");
 * const execution = await executor.waitExecutionDone();
 * deepStrictEqual([execution.status, execution.output], ["Succeeded", "Hello, Ada"]);
 * ```
 */
export class Executor {
  readonly #machine: Json;
  readonly #options: ExecutorOptions & { readonly handlers: Readonly<Record<string, TaskHandler>> };
  #home: Promise<Home> | undefined;
  #executionId: string | undefined;

  /**
   * @param machine an Amazon States Language definition, parsed
   * @param handlers by the `Resource` of Task states: input in, output out; a throw fails the task
   * @param options with `store`, executions survive the process
   */
  constructor(machine: Json, handlers: Readonly<Record<string, TaskHandler>>, options: ExecutorOptions = {}) {
    this.#machine = machine;
    this.#options = { ...options, handlers };
  }

  /**
   * Starts an execution; the answer tells its state now, mostly `Running`.
   *
   * @throws {RequestRefused} `InvalidDefinition`, `PayloadTooLarge` …
   */
  async run(input: Json): Promise<ExecutionDescription> {
    const { engine } = await this.#opened();
    await Effect.runPromise(engine.putWorkflow({ ...space, name: WORKFLOW, definition: this.#machine }));
    const { executionId } = await Effect.runPromise(engine.startExecution({ ...space, workflow: WORKFLOW, input }));
    this.#executionId = executionId;
    return await Effect.runPromise(engine.describeExecution({ ...space, executionId }));
  }

  /** The execution that `run` started last, once it has ended. @throws {RangeError} nothing was started */
  async waitExecutionDone(): Promise<ExecutionDescription> {
    const executionId = this.#executionId;
    if (executionId === undefined) throw new RangeError("Expected run() to be called before waitExecutionDone()");
    const { engine } = await this.#opened();
    return await Effect.runPromise(engine.awaitExecution({ ...space, executionId }));
  }

  /** Ends in order; the process may exit. */
  async close(): Promise<void> {
    const home = this.#home;
    this.#home = undefined;
    await (await home)?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #opened(): Promise<Home> {
    return this.#home ??= openEmbeddedHome(this.#options);
  }
}
