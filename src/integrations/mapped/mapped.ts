/**
 * Tasks whose resource the mapping file gives to something else: a NATS subject or an HTTP endpoint, asked here; or a worker, whose tasks
 * only get another name. Parameters and results keep the form of the resource, so that the definition need not change.
 *
 * At least once: what is asked sees the task's id, as `Nats-Msg-Id` or `Idempotency-Key`.
 */
import type { NatsConnection } from "@nats-io/transport-node";
import { Effect } from "effect";
import { isJsonObject, type Json, jsonDepthExceeds, type Limits, present } from "../../values/mod.ts";
import type { TaskMessage } from "../../tasks/mod.ts";
import { jsonOrText, parametersOf, resultTooLarge } from "../aws_actions.ts";
import type { IntegrationEntry } from "../entry.ts";
import { HttpClient, NoAnswer } from "../http/exchange.ts";
import { NatsIntegration } from "../nats/nats.ts";
import type { Integration, TaskResult } from "../port.ts";
import { type Environment, fileSetting, type SettingsFile } from "../settings.ts";
import { answerShape, messageId, sentOf } from "./answer_shapes.ts";
import { filledTarget, Mapping, type Target } from "./mapping.ts";

/** With what mapped tasks are done. */
export interface MappedOptions {
  readonly mapping: Mapping;
  readonly limits: Pick<Limits, "payloadBytesMax" | "jsonDepthMax">;
  readonly nats?: () => Promise<NatsConnection>;
}

const TIMEOUT_MS = 60_000;

/** Does the tasks of mapped resources, but for those of workers. */
export class MappedIntegration implements Integration {
  readonly name = "mapped";
  readonly #options: MappedOptions;
  readonly #nats: NatsIntegration | undefined;
  readonly #client = new HttpClient();

  constructor(options: MappedOptions) {
    this.#options = options;
    const { nats: connection, limits } = options;
    this.#nats = connection === undefined ? undefined : new NatsIntegration({ connection, limits });
  }

  handles(resource: string): boolean {
    const target = this.#options.mapping.targetOf(resource);
    return target !== undefined && target.kind !== "Worker";
  }

  /** The task as its worker gets it; `undefined` where no worker is named for its resource. */
  forWorker(task: TaskMessage): TaskMessage | undefined {
    const target = this.#options.mapping.targetOf(task.resource);
    if (target?.kind !== "Worker") return undefined;
    const resource = filledTarget(target, parametersOf(task.input)) ?? target.to;
    return { ...task, resource, mappedFrom: task.resource, input: sentOf(task.input, target.send) };
  }

  close(): void {
    this.#client.close();
  }

  run(task: TaskMessage): Effect.Effect<TaskResult> {
    const target = this.#options.mapping.targetOf(task.resource);
    if (target === undefined) return Effect.die(new Error(`"${task.resource}" is not mapped`));
    const to = filledTarget(target, parametersOf(task.input));
    if (to === undefined) {
      const cause = `The parameters lack what "${target.to}" is made of`;
      return Effect.succeed({ kind: "Failed", error: "States.Runtime", cause });
    }
    const shape = target.isRaw ? undefined : answerShape(task.resource);
    const input = sentOf(task.input, target.send ?? shape?.send);
    const asked = this.#ask(target, { ...task, resource: to, input });
    return Effect.map(asked, (result) => {
      if (result.kind === "Failed" || shape === undefined) return result;
      return { kind: "Completed", output: shape.result(input, result.output, messageId(task.taskId)) };
    });
  }

  #ask({ kind }: Target, task: TaskMessage): Effect.Effect<TaskResult> {
    if (kind === "Http") return Effect.promise((signal) => this.#post(task, signal));
    return this.#nats?.run(task) ??
      Effect.succeed({ kind: "Failed", error: "Nats.Unavailable", cause: "This engine has no NATS server" });
  }

  async #post({ resource, input, taskId }: TaskMessage, signal: AbortSignal): Promise<TaskResult> {
    const { payloadBytesMax, jsonDepthMax } = this.#options.limits;
    try {
      const { status, statusText, body } = await this.#client.exchange({
        url: new URL(resource),
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": taskId },
        body: JSON.stringify(input),
        signal,
        timeoutMs: TIMEOUT_MS,
        bytesMax: payloadBytesMax,
      });
      if (body === undefined) return resultTooLarge("http");
      const text = body.toString("utf8");
      if (jsonDepthExceeds(text, jsonDepthMax)) return resultTooLarge("http");
      const answer = text === "" ? null : jsonOrText(text);
      return status >= 200 && status <= 299
        ? { kind: "Completed", output: answer }
        : refusal(status, statusText, answer);
    } catch (failure) {
      if (!(failure instanceof NoAnswer)) throw failure;
      return { kind: "Failed", error: "States.Http.Socket", cause: failure.message };
    }
  }
}

/** An endpoint may name the error itself, as AWS would: `{"error": "SQS.QueueDoesNotExistException", "cause": "…"}`. */
function refusal(status: number, statusText: string, answer: Json): TaskResult {
  const { error, cause } = isJsonObject(answer) ? answer : {};
  if (typeof error === "string" && error !== "") {
    return { kind: "Failed", error, ...(typeof cause === "string" ? { cause } : {}) };
  }
  const told = answer === null ? statusText : typeof answer === "string" ? answer : JSON.stringify(answer);
  return { kind: "Failed", error: `States.Http.StatusCode.${status}`, cause: told };
}

/** Settings of mapped resources. */
export interface MappedSettings {
  /** What serves which resources instead. */
  readonly map?: SettingsFile;
}

/** The mapping file at this path. @throws {SettingInvalid} what is wrong with it, before anything starts */
export async function mapSetting(
  environment: Pick<Environment, "readTextFile">,
  path: string | undefined,
): Promise<MappedSettings> {
  const map = await fileSetting(environment, "WEFT_MAP", path);
  if (map !== undefined) new Mapping(map);
  return present({ map });
}

/** Its line in the catalog. */
export const mappedEntry: IntegrationEntry<MappedSettings, MappedIntegration | undefined> = {
  resources: ["arn:aws:states:::aws-sdk:ses:sendEmail"],
  documentedIn: "integrations.md#mapped-resources",
  settings: (environment) => mapSetting(environment, environment.env["WEFT_MAP"]),
  setUp: ({ map }, { limits, nats }) =>
    map === undefined ? undefined : new MappedIntegration({ mapping: new Mapping(map), limits, ...present({ nats }) }),
};
