/**
 * One HTTP request and its answer, bounded in time and bytes. `node:http` alone: it runs on Node and Deno, keeps the headers' own
 * spelling (AWS shows it), and lets the address be looked at before anything is sent.
 */
import { Buffer } from "node:buffer";
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { present } from "../../values/mod.ts";

/** What is sent. */
export interface HttpCall {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Longest wait for the whole answer, milliseconds. */
  readonly timeoutMs: number;
  /** Largest body of an answer; a larger one is not read to its end. */
  readonly bytesMax: number;
  /** How a host's name becomes an address. Default: as the system does. */
  readonly lookup?: LookupFunction;
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Name and value, as they came, in order; names may repeat. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** `undefined`: larger than `bytesMax`. */
  readonly body: Buffer | undefined;
}

/** No answer came: nobody listens, the connection broke, or it took too long. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  readonly timedOut: boolean;

  constructor(message: string, timedOut = false) {
    super(message);
    this.timedOut = timedOut;
  }
}

const KEEP_ALIVE_MS = 20_000;
const SOCKETS_MAX = 512;
const REUSE_TRIES_MAX = 3;
const agentOptions = { keepAlive: true, timeout: KEEP_ALIVE_MS, maxSockets: SOCKETS_MAX, maxFreeSockets: 64 };

/** Connections of one integration, kept for the next call. Whoever made it closes it. */
export class HttpClient {
  readonly #http = new HttpAgent(agentOptions);
  readonly #https = new HttpsAgent(agentOptions);

  /** @throws {NoAnswer} or the signal's reason */
  async exchange(call: HttpCall): Promise<HttpAnswer> {
    for (let attempt = 1;; attempt++) {
      const outcome = await this.#once(call);
      if (!("reusedBroken" in outcome)) return outcome;
      // The other side closed a kept connection as we took it: nobody has seen the request.
      if (attempt >= REUSE_TRIES_MAX) throw new NoAnswer("The connection was closed before an answer came");
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #once(call: HttpCall): Promise<HttpAnswer | { readonly reusedBroken: true }> {
    const { url, method, headers, body, signal, timeoutMs } = call;
    const isSecure = url.protocol === "https:";
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const options: RequestOptions = {
        method,
        agent: isSecure ? this.#https : this.#http,
        headers: { ...headers, ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }) } as Record<
          string,
          string
        >,
        ...present({ lookup: call.lookup }),
      };
      let settled = false;
      const settle = (end: () => void) => {
        if (settled) return;
        settled = true;
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        end();
      };
      const sent = (isSecure ? httpsRequest : httpRequest)(url, options, (answer) => {
        readAnswer(answer, call.bytesMax).then(
          (read) => {
            if (read.body === undefined) sent.destroy();
            settle(() => resolve(read));
          },
          (failure) => settle(() => reject(noAnswer(failure))),
        );
      });
      const onAbort = () => {
        settle(() => reject(signal.reason));
        sent.destroy();
      };
      const timer = setTimeout(() => {
        settle(() => reject(new NoAnswer(`No answer within ${timeoutMs} ms`, true)));
        sent.destroy();
      }, timeoutMs);
      signal.addEventListener("abort", onAbort, { once: true });
      sent.on("error", (failure) => {
        const isBroken = sent.reusedSocket && "code" in failure && failure.code === "ECONNRESET";
        settle(() => isBroken ? resolve({ reusedBroken: true }) : reject(noAnswer(failure)));
      });
      sent.end(body);
    });
  }
}

function noAnswer(failure: unknown): NoAnswer {
  if (failure instanceof NoAnswer) return failure;
  // A failed connection to a name with several addresses has the reasons inside, and no message of its own.
  const inner = failure instanceof AggregateError ? failure.errors[0] : failure;
  return new NoAnswer(inner instanceof Error ? inner.message : String(inner));
}

async function readAnswer(answer: IncomingMessage, bytesMax: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const head = {
    status: answer.statusCode ?? 0,
    statusText: answer.statusMessage ?? "",
    headers: pairs(answer.rawHeaders),
  };
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).length;
    if (bytes > bytesMax) return { ...head, body: undefined };
    chunks.push(chunk as Buffer);
  }
  if (!answer.complete) throw new NoAnswer("The connection broke before the answer was complete");
  return { ...head, body: Buffer.concat(chunks) };
}

function pairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[index * 2] ?? "", raw[index * 2 + 1] ?? ""]);
}

/** The first value of a header, whatever its spelling. */
export function headerOf({ headers }: Pick<HttpAnswer, "headers">, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find(([given]) => given.toLowerCase() === wanted)?.[1];
}
