/**
 * Calls of HTTP endpoints: `arn:aws:states:::http:invoke`.
 *
 * At least once, as in AWS: an endpoint that is not idempotent may see a request twice when a node dies in between.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
 */
import { Effect } from "effect";
import {
  isJsonObject,
  type Json,
  jsonDepthExceeds,
  type JsonObject,
  type Limits,
  parseTaskId,
  present,
} from "../../values/mod.ts";
import type { TaskMessage } from "../../tasks/mod.ts";
import { jsonOrText, parametersOf, requestedCall, resultTooLarge } from "../aws_actions.ts";
import type { IntegrationEntry } from "../entry.ts";
import type { Integration, TaskResult } from "../port.ts";
import { fileSetting, type SettingsFile } from "../settings.ts";
import { AddressGuard, AddressRefused } from "./address_guard.ts";
import { Connections } from "./connections.ts";
import { headerOf, type HttpAnswer, HttpClient, NoAnswer } from "./exchange.ts";
import { buildRequest, type BuiltRequest, RequestInvalid } from "./http_request.ts";

/** How HTTP tasks are done. */
export interface HttpOptions {
  readonly limits: Pick<Limits, "payloadBytesMax" | "jsonDepthMax">;
  /** The file of connections. Secret. */
  readonly connections?: { readonly path: string; readonly text: string };
  /** Internal hosts and networks that tasks may reach all the same. */
  readonly internal?: readonly string[];
  /** Milliseconds until an endpoint has to have answered. Default: AWS's 60,000. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;
const binary = /^(image|video|audio)\/|^application\/octet-stream/i;
/** Shorter secrets are not looked for in answers: they would be found everywhere. */
const SECRET_CHARACTERS_MIN = 6;

/** A task that is done outside any execution, what it came to, and what was sent and came: AWS's TestState shows that. */
export interface HttpTrace {
  readonly result: TaskResult;
  readonly request?: JsonObject;
  readonly response?: JsonObject;
}
type Seen = { -readonly [field in "request" | "response"]?: JsonObject };

/** Does `http:invoke`. */
export class HttpIntegration implements Integration {
  readonly name = "http";
  readonly #options: HttpOptions;
  readonly #guard: AddressGuard;
  readonly #client = new HttpClient();
  readonly #connections: Connections;

  /** @throws {ConnectionsInvalid | RangeError} settings that cannot be */
  constructor(options: HttpOptions) {
    this.#options = options;
    this.#guard = new AddressGuard(options.internal ?? []);
    this.#connections = new Connections(options.connections, this.#client);
  }

  handles(resource: string): boolean {
    return requestedCall(resource) === "http:invoke";
  }

  close(): void {
    this.#client.close();
  }

  run({ input, taskId }: TaskMessage): Effect.Effect<TaskResult> {
    const task = { input, region: parseTaskId(taskId)?.namespace ?? "" };
    return Effect.promise((signal) => this.#do(task, signal));
  }

  /** Shows of a connection nothing. Rejects with the signal's reason. */
  async trace(task: { readonly input: Json; readonly region: string }, signal: AbortSignal): Promise<HttpTrace> {
    const seen: Seen = {};
    const result = await this.#do(task, signal, seen);
    return { result, ...seen };
  }

  async #do(
    { input, region }: { readonly input: Json; readonly region: string },
    signal: AbortSignal,
    seen?: Seen,
  ): Promise<TaskResult> {
    const parameters = parametersOf(input);
    try {
      const arn = connectionOf(parameters);
      const connection = arn === undefined ? undefined : await this.#connections.partOf(arn, signal);
      if (arn !== undefined && connection === undefined) return unknownConnection(arn);
      const own = { "User-Agent": `Amazon|StepFunctions|HttpInvoke|${region}`, Range: this.#range };
      const request = buildRequest(parameters, connection);
      this.#check(request);
      if (seen !== undefined) seen.request = shownRequest(buildRequest(parameters, undefined), own);
      const answer = await this.#send({ ...request, headers: { ...own, ...request.headers } }, signal);
      if (seen !== undefined) seen.response = shownResponse(request.url.protocol, answer, connection?.secrets ?? []);
      if (answer.status === 401 && arn !== undefined) this.#connections.forget(arn);
      return this.#result(answer, connection?.secrets ?? []);
    } catch (failure) {
      if (failure instanceof RequestInvalid) return { kind: "Failed", error: "States.Runtime", cause: failure.message };
      if (failure instanceof NoAnswer || failure instanceof AddressRefused) {
        return { kind: "Failed", error: "States.Http.Socket", cause: failure.message };
      }
      throw failure;
    }
  }

  get #range(): string {
    return `bytes=0-${this.#options.limits.payloadBytesMax}`;
  }

  /** @throws {RequestInvalid | AddressRefused} a request that must not be sent */
  #check({ url }: BuiltRequest): void {
    this.#guard.check(url.hostname);
    if (url.protocol === "http:" && !this.#guard.allowsPlainText(url.hostname)) {
      throw new RequestInvalid("The field 'ApiEndpoint' must begin with https://");
    }
  }

  #send(request: BuiltRequest, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#client.exchange({
      ...request,
      signal,
      timeoutMs: this.#options.timeoutMs ?? TIMEOUT_MS,
      bytesMax: this.#options.limits.payloadBytesMax,
      lookup: this.#guard.lookup,
    });
  }

  #result(answer: HttpAnswer, secrets: readonly string[]): TaskResult {
    const { status, statusText } = answer;
    if (answer.body === undefined) return resultTooLarge("http");
    const text = textOf(answer.body);
    if (text === undefined && status >= 200 && status <= 299) return notText(answer);
    const shown = withoutSecrets(text ?? "", secrets);
    if (status < 200 || status > 299) {
      return { kind: "Failed", error: `States.Http.StatusCode.${status}`, cause: shown === "" ? statusText : shown };
    }
    const type = headerOf(answer, "content-type") ?? "";
    if (binary.test(type)) return notText(answer);
    if (jsonDepthExceeds(shown, this.#options.limits.jsonDepthMax)) return resultTooLarge("http");
    const headers: Record<string, string[]> = {};
    for (const [name, value] of answer.headers) {
      (headers[name.toLowerCase()] ??= []).push(withoutSecrets(value, secrets));
    }
    const body: Json = /\bjson\b/i.test(type) ? jsonOrText(shown) : shown;
    return {
      kind: "Completed",
      output: { Headers: headers, ResponseBody: body, StatusCode: status, StatusText: statusText },
    };
  }
}

function connectionOf(parameters: JsonObject): string | undefined {
  for (const field of ["InvocationConfig", "Authentication"]) {
    const config = parameters[field] ?? null;
    const arn = isJsonObject(config) ? config["ConnectionArn"] : undefined;
    if (typeof arn === "string") return arn;
  }
  return undefined;
}

function unknownConnection(arn: string): TaskResult {
  return {
    kind: "Failed",
    error: "Events.ConnectionResource.ResourceNotFound",
    cause: `There is no connection '${arn}' in the settings of this node`,
  };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function notText(answer: HttpAnswer): TaskResult {
  const type = headerOf(answer, "content-type") ?? "";
  const cause = `The response has the content type '${type}', or bytes that are no text: it cannot be a result`;
  return { kind: "Failed", error: "States.Runtime", cause };
}

/** As `inspectionData` of TestState has a request. */
function shownRequest({ url, method, headers, body }: BuiltRequest, own: BuiltRequest["headers"]): JsonObject {
  return {
    protocol: url.protocol.slice(0, -1),
    method,
    url: url.href,
    headers: shownHeaders(Object.entries({ ...headers, ...own })),
    ...present({ body }),
  };
}

/** As `inspectionData` of TestState has an answer; bytes that are no text are left out. */
function shownResponse(protocol: string, answer: HttpAnswer, secrets: readonly string[]): JsonObject {
  const { status, statusText, headers } = answer;
  const body = answer.body === undefined ? undefined : textOf(answer.body);
  return {
    protocol: protocol.slice(0, -1),
    statusCode: String(status),
    statusMessage: statusText,
    headers: withoutSecrets(shownHeaders(headers), secrets),
    ...(body === undefined ? {} : { body: withoutSecrets(body, secrets) }),
  };
}

function shownHeaders(headers: readonly (readonly [name: string, value: string])[]): string {
  return `[${headers.map(([name, value]) => `${name}: ${value}`).join(", ")}]`;
}

/** An endpoint may send back what it was sent: no secret gets into the history by that. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) {
    if (secret.length < SECRET_CHARACTERS_MIN) continue;
    shown = shown.replaceAll(secret, "******").replaceAll(JSON.stringify(secret).slice(1, -1), "******");
  }
  return shown;
}

/** Settings of HTTP tasks. */
export interface HttpSettings {
  /** Credentials of HTTP endpoints, by the ARN of their connection. Secret. */
  readonly httpConnections?: SettingsFile;
  /** Internal networks that HTTP tasks may reach all the same: hosts, addresses, `address/bits`, or `*`. */
  readonly httpInternal?: readonly string[];
}

/** Its line in the catalog. */
export const httpEntry: IntegrationEntry<HttpSettings, HttpIntegration> = {
  resources: ["arn:aws:states:::http:invoke"],
  documentedIn: "integrations.md#http",
  settings: async (environment) => {
    const { env } = environment;
    const listed = (env["WEFT_HTTP_INTERNAL"] ?? "").split(",").map((text) => text.trim());
    const internal = listed.filter((text) => text !== "");
    return present({
      httpConnections: await fileSetting(environment, "WEFT_HTTP_CONNECTIONS", env["WEFT_HTTP_CONNECTIONS"]),
      httpInternal: internal.length === 0 ? undefined : internal,
    });
  },
  setUp: ({ httpConnections: connections, httpInternal: internal }, { limits }) =>
    new HttpIntegration({ limits, ...present({ connections, internal }) }),
};
