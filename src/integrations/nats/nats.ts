/**
 * NATS services: `nats:request:{subject}` asks one and takes its reply, `nats:publish:{subject}` sends and goes on.
 *
 * At least once. Each message has the task's id as `Nats-Msg-Id`: a stream that keeps it keeps a repeat only once within its window, and
 * a service can tell a repeat. Definitions come from users: subjects of the server, of inboxes and of Weft itself are not theirs.
 */
import { headers as newHeaders, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { errors } from "@nats-io/transport-node";
import { Effect } from "effect";
import { jsonDepthExceeds, type Limits, type NatsResource, parseResource } from "../../values/mod.ts";
import type { TaskMessage } from "../../tasks/mod.ts";
import { jsonOrText, resultTooLarge } from "../aws_actions.ts";
import type { IntegrationEntry } from "../entry.ts";
import type { Integration, TaskResult } from "../port.ts";

/** How NATS services are reached. */
export interface NatsOptions {
  /** The connection, made when it is first asked for; asked again after it failed. */
  readonly connection: () => Promise<NatsConnection>;
  readonly limits: Pick<Limits, "payloadBytesMax" | "jsonDepthMax">;
}

const REQUEST_TIMEOUT_MS = 60_000;
const SUBJECT_CHARACTERS_MAX = 256;
/** Literal: no wildcards, no white space, no empty parts. */
const subjectPattern = /^[^\s.*>]+(?:\.[^\s.*>]+)*$/;
const ownSubjects = /^(?:\$|_INBOX(?:\.|$)|weft(?:\.|$))/i;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Does `nats:request:…` and `nats:publish:…`. */
export class NatsIntegration implements Integration {
  readonly name = "nats";
  readonly #options: NatsOptions;

  constructor(options: NatsOptions) {
    this.#options = options;
  }

  handles(resource: string): boolean {
    return targetOf(resource) !== undefined;
  }

  run(task: TaskMessage): Effect.Effect<TaskResult> {
    return Effect.promise(() => this.#do(task));
  }

  async #do(task: TaskMessage): Promise<TaskResult> {
    const { action, subject = "" } = targetOf(task.resource) ?? {};
    if (subject.length > SUBJECT_CHARACTERS_MAX || !subjectPattern.test(subject) || ownSubjects.test(subject)) {
      return failed("Nats.SubjectRefused", `Tasks may not send to the subject "${subject}"`);
    }
    let connection: NatsConnection;
    try {
      connection = await this.#options.connection();
    } catch (failure) {
      return failed("Nats.Unavailable", failure instanceof Error ? failure.message : String(failure));
    }
    const data = JSON.stringify(task.input);
    const headers = newHeaders();
    headers.set("Nats-Msg-Id", task.taskId);
    try {
      if (action === "publish") {
        connection.publish(subject, data, { headers });
        await connection.flush();
        return { kind: "Completed", output: { Subject: subject, MessageId: task.taskId } };
      }
      const timeout = task.timeoutSeconds === undefined ? REQUEST_TIMEOUT_MS : task.timeoutSeconds * 1_000;
      return this.#replied(await connection.request(subject, data, { headers, timeout }));
    } catch (failure) {
      return refusal(subject, failure);
    }
  }

  #replied(reply: Msg): TaskResult {
    const serviceError = reply.headers?.get("Nats-Service-Error") ?? "";
    const code = reply.headers?.get("Nats-Service-Error-Code") ?? "";
    if (serviceError !== "" || code !== "") {
      return failed(`Nats.ServiceError${/^\d+$/.test(code) ? `.${code}` : ""}`, serviceError);
    }
    const { payloadBytesMax, jsonDepthMax } = this.#options.limits;
    if (reply.data.length > payloadBytesMax) return resultTooLarge("nats");
    try {
      const text = utf8.decode(reply.data);
      if (jsonDepthExceeds(text, jsonDepthMax)) return resultTooLarge("nats");
      return { kind: "Completed", output: text === "" ? null : jsonOrText(text) };
    } catch {
      return failed("Nats.InvalidReply", "The reply is no UTF-8 text");
    }
  }
}

/** What a resource asks for; `undefined` for resources that are not NATS's. */
function targetOf(text: string): NatsResource | undefined {
  const resource = parseResource(text);
  return resource.kind === "Nats" && (resource.action === "request" || resource.action === "publish")
    ? resource
    : undefined;
}

function failed(error: string, cause: string): TaskResult {
  return { kind: "Failed", error, cause };
}

function refusal(subject: string, failure: unknown): TaskResult {
  if (failure instanceof errors.TimeoutError) return failed("Nats.Timeout", `Nobody at "${subject}" replied in time`);
  if (failure instanceof errors.RequestError && failure.isNoResponders()) {
    return failed("Nats.NoResponders", `Nobody listens at "${subject}"`);
  }
  return failed("Nats.Unavailable", failure instanceof Error ? failure.message : String(failure));
}

/** Its line in the catalog. */
export const natsEntry: IntegrationEntry<object> = {
  resources: ["nats:request:orders.charge", "nats:publish:orders.charged"],
  documentedIn: "integrations.md#nats-services",
  setUp: (_settings, { nats, limits }) =>
    nats === undefined ? undefined : new NatsIntegration({ connection: nats, limits }),
};
