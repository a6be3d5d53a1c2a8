/** A client of a server's HTTP port: `weft dev`, and `weft serve --http`. It speaks as the NATS services do, with JSON over POST. */
import { type Backoff, backoffDelayMs, present, type Space } from "../../../values/mod.ts";
import type { FeedMessage } from "../../../runtime/engine.ts";
import type { ClientPort, HttpOptions, StandingOrdersPort } from "../homes.ts";

/** Milliseconds for an answer; longer for one that waits for an execution's end, which comes at last after half a minute. */
const ANSWER_MS = 15_000;
const WAIT_MS = 45_000;
/** Milliseconds that somebody who waits for an execution's end bears a server that is away. */
const AWAY_MS_MAX = 60_000;
const RETRY: Backoff = { firstMs: 100, mostMs: 2_000 };
/** Of one message of the stream; a server sends less. */
const LINE_CHARACTERS_MAX = 67_108_864;

/** The server did not take a request, and said why. */
class HttpRefusal extends Error {
  readonly code: string;
  readonly diagnostics: unknown;

  constructor({ code, message, diagnostics }: { code: string; message: string; diagnostics?: unknown }) {
    super(message);
    this.name = "HttpRefusal";
    this.code = code;
    this.diagnostics = diagnostics;
  }
}

/** Asks the server for its space, and gives a client of it. Rejects when there is none, or something else. */
export async function connectHttpClient(target: HttpOptions): Promise<Space & { readonly client: ClientPort }> {
  const overview = await post<Partial<Space>>(target.url, "overview", {}, ANSWER_MS);
  const { tenant = target.tenant, namespace = target.namespace } = overview;
  if (typeof tenant !== "string" || typeof namespace !== "string") {
    throw new Error(`What answers at ${target.url} is no Weft server`);
  }
  const space = { tenant: target.tenant ?? tenant, namespace: target.namespace ?? namespace };
  return { ...space, client: new HttpClient(target.url, space) };
}

async function post<T>(url: string, path: string, body: object, timeoutMs: number): Promise<T> {
  const response = await fetch(new URL(`/weft/${path}`, url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(`What answers at ${url} is no Weft server: HTTP ${response.status}`);
  }
  if (response.ok) return answer as T;
  const { code, message } = answer as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code !== "string" || typeof message !== "string") throw new Error(`HTTP ${response.status} from ${url}`);
  throw new HttpRefusal(answer as { code: string; message: string });
}

class HttpClient implements ClientPort {
  readonly #url: string;
  readonly #space: Space;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<(isConnected: boolean) => void>();

  constructor(url: string, space: Space) {
    this.#url = url;
    this.#space = space;
  }

  putWorkflow: ClientPort["putWorkflow"] = (request) => this.#ask("workflows.put", request);
  describeWorkflow: ClientPort["describeWorkflow"] = (name) => this.#ask("workflows.describe", { name });
  listWorkflows: ClientPort["listWorkflows"] = (page) => this.#ask("workflows.list", page);
  deleteWorkflow: ClientPort["deleteWorkflow"] = (name) => this.#ask("workflows.delete", { name });
  startExecution: ClientPort["startExecution"] = (request) => this.#ask("executions.start", request);
  describeExecution: ClientPort["describeExecution"] = (executionId, options = {}) =>
    this.#ask("executions.describe", { executionId, ...options });
  executionHistory: ClientPort["executionHistory"] = (request) => this.#ask("executions.history", request);
  listExecutions: ClientPort["listExecutions"] = (request) => this.#ask("executions.list", request);
  cancelExecution: ClientPort["cancelExecution"] = (request) => this.#ask("executions.cancel", request);
  redriveExecution: ClientPort["redriveExecution"] = (executionId) => this.#ask("executions.redrive", { executionId });
  deleteExecution: ClientPort["deleteExecution"] = (executionId) => this.#ask("executions.delete", { executionId });

  readonly standing: StandingOrdersPort = {
    putSchedule: (request) => this.#ask("schedules.put", request),
    describeSchedule: (name) => this.#ask("schedules.describe", { name }),
    listSchedules: (page) => this.#ask("schedules.list", page),
    deleteSchedule: (name) => this.#ask("schedules.delete", { name }),
    putTrigger: (request) => this.#ask("triggers.put", request),
    describeTrigger: (name) => this.#ask("triggers.describe", { name }),
    listTriggers: (page) => this.#ask("triggers.list", page),
    deleteTrigger: (name) => this.#ask("triggers.delete", { name }),
  };

  async awaitExecution(executionId: string): Promise<Awaited<ReturnType<ClientPort["awaitExecution"]>>> {
    let awaySinceMs: number | undefined;
    for (let attempt = 0;;) {
      try {
        const found = await this.#ask<Awaited<ReturnType<ClientPort["awaitExecution"]>>>(
          "executions.describe",
          { executionId, wait: true },
          WAIT_MS,
        );
        if (found.endedAt !== undefined) return found;
        awaySinceMs = undefined;
        attempt = 0;
      } catch (thrown) {
        awaySinceMs ??= performance.now();
        const isAway = !(thrown instanceof HttpRefusal) || thrown.code === "Unavailable";
        if (!isAway || performance.now() - awaySinceMs > AWAY_MS_MAX) throw thrown;
        await pause(backoffDelayMs(RETRY, attempt++));
      }
    }
  }

  async subscribe(
    executionId: string | undefined,
    listener: Parameters<ClientPort["subscribe"]>[1],
  ): ReturnType<ClientPort["subscribe"]> {
    const { followFeed } = await import("./ordered_feed.ts");
    const source = {
      history: this.executionHistory,
      listen: (hear: (message: FeedMessage) => void, again: () => void) => this.#listen(executionId, hear, again),
    };
    return await followFeed(source, executionId, listener);
  }

  onConnection(listener: (isConnected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing.abort();
    return Promise.resolve();
  }

  #ask<T>(operation: string, request: object, timeoutMs = ANSWER_MS): Promise<T> {
    return post(this.#url, `api/${operation}?${new URLSearchParams({ ...this.#space })}`, request, timeoutMs);
  }

  /** Resolves once the stream is open for the first time; opened again for as long as nobody closes it. */
  #listen(
    executionId: string | undefined,
    hear: (message: FeedMessage) => void,
    again: () => void,
  ): Promise<() => void> {
    const stopping = new AbortController();
    const signal = AbortSignal.any([stopping.signal, this.#closing.signal]);
    const query = new URLSearchParams({ ...this.#space, ...present({ execution: executionId }) });
    const opened = Promise.withResolvers<() => void>();
    let isFirst = true;
    const follow = async () => {
      for (let attempt = 0; !signal.aborted; attempt += 1) {
        try {
          const onOpen = () => {
            if (!isFirst) {
              this.#tell(true);
              again();
            }
            isFirst = false;
            attempt = 0;
            opened.resolve(() => stopping.abort());
          };
          await readStream(new URL(`/weft/feed?${query}`, this.#url), signal, onOpen, (bundle) => {
            for (const message of bundle.messages) hear({ ...this.#space, ...message } as FeedMessage);
          });
        } catch (thrown) {
          if (isFirst) return opened.reject(thrown);
        }
        if (signal.aborted) return;
        this.#tell(false);
        await pause(backoffDelayMs(RETRY, attempt));
      }
    };
    void follow();
    return opened.promise;
  }

  #tell(isConnected: boolean): void {
    for (const listener of [...this.#listeners]) listener(isConnected);
  }
}

interface Bundle {
  readonly messages: readonly Omit<FeedMessage, keyof Space>[];
}

/** Reads server-sent events until the server ends or the signal comes. */
async function readStream(
  url: URL,
  signal: AbortSignal,
  onOpen: () => void,
  onBundle: (bundle: Bundle) => void,
): Promise<void> {
  const response = await fetch(url, { headers: { accept: "text/event-stream" }, signal });
  if (!response.ok || response.body === null) {
    throw new HttpRefusal(await response.json() as { code: string; message: string });
  }
  onOpen();
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    rest += text;
    if (rest.length > LINE_CHARACTERS_MAX) throw new Error("The server's message is too long");
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data: ")) onBundle(JSON.parse(line.slice(6)) as Bundle);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
