/**
 * The console on the HTTP API's port: the page under `/console/`, its operations under `/weft/`, and streams of what happens.
 *
 * An operation is a POST of JSON, reads too: a page of another origin cannot make a browser send one without being asked about it first, and
 * that question is answered with no. There is no state in here but for open streams.
 */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Effect, Result } from "effect";
import { authorize, type Caller, consoleActions, natsActions } from "../../access/mod.ts";
import { type AwsScope, spaceOf, systemDraws } from "../../aws/mod.ts";
import { type Engine, type Registry, RequestRefused } from "../../runtime/mod.ts";
import { isExecutionIdOf, type Limits, present, type Space } from "../../values/mod.ts";
import type { HttpExchange, HttpSurface } from "../http_api/mod.ts";
import { bodyText } from "../http_api/mod.ts";
import type { StandingOrders } from "../nats_api/mod.ts";
import { answerOperation, type ConsoleReply, deniedReply, ownSpace, refusalReply } from "./answer_operation.ts";
import { type Feed, streamFeed, streamRun, streamSpace } from "./event_stream.ts";
import { type ConsoleOperation, invalid, spaceAsked } from "./operation.ts";
import { type ClusterSight, engineOperation } from "./operations/cluster.ts";
import { operations, overviewOperation } from "./operations/mod.ts";
import { PageFiles, securityHeaders } from "./page_files.ts";
import { RequestBridge } from "./request_bridge.ts";

/** What the console is served from. */
export interface ConsoleOptions {
  readonly engine: Engine;
  readonly registry: Registry;
  readonly cluster: ClusterSight;
  readonly limits: Limits;
  /** Default: requests for schedules and triggers are not there. */
  readonly standing?: StandingOrders;
  /** Whose executions are shown where a request names no space. */
  readonly scope: AwsScope;
  /** Shown on the page. */
  readonly version: string;
  /** What the engine lives in: `embedded` or `NATS`. */
  readonly home: string;
  readonly feed: Feed;
}

const PAGE = "/console/";
const OPERATIONS = "/weft/";
const STREAM = `${OPERATIONS}stream`;
const FEED = `${OPERATIONS}feed`;
/** Requests as the NATS services take them. */
const REQUESTS = "api/";
/** Streams open at once. */
const STREAMS_MAX = 64;

/** The console, to be served beside the AWS API. */
export function consoleSurface(options: ConsoleOptions): HttpSurface {
  const served = new ServedConsole(options);
  return {
    takes: (request, path) =>
      path.startsWith(PAGE) || path.startsWith(OPERATIONS) || path === "/console" || isVisit(request, path),
    answer: (exchange) => served.answer(exchange),
  };
}

/** Somebody has typed the address of the API into a browser. */
function isVisit({ method, headers }: IncomingMessage, path: string): boolean {
  return path === "/" && method === "GET" && headers.accept?.includes("text/html") === true;
}

class ServedConsole {
  readonly #options: ConsoleOptions;
  readonly #space: Space;
  readonly #bridge: RequestBridge;
  readonly #files = new PageFiles();
  readonly #operations: ReadonlyMap<string, ConsoleOperation>;
  #streams = 0;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#space = spaceOf(options.scope);
    this.#bridge = new RequestBridge(options.engine, options.limits, options.standing);
    const { version, home, cluster } = options;
    this.#operations = new Map([
      ...Object.entries(operations),
      ["overview", overviewOperation({ version, home })],
      ["engine", engineOperation(cluster)],
    ]);
  }

  answer(exchange: HttpExchange): Effect.Effect<void> {
    const { path, request, response } = exchange;
    if (path.startsWith(OPERATIONS)) {
      return path === STREAM || path === FEED ? this.#answerStream(exchange) : this.#answerOperation(exchange);
    }
    return Effect.gen({ self: this }, function* () {
      if (!path.startsWith(PAGE)) return void response.writeHead(302, { ...securityHeaders, location: PAGE }).end();
      if (request.method !== "GET" && request.method !== "HEAD") {
        return send(response, { status: 405, body: { code: "InvalidArgument", message: "Expected GET" } });
      }
      // The page says nothing of anybody; but with it a browser asks who sits before it.
      const who = yield* exchange.authenticate(new Uint8Array());
      if (Result.isFailure(who)) return sendUnknown(response, who.failure);
      this.#files.answer(path.slice(PAGE.length), request, response);
    });
  }

  #answerOperation({ path, request, response, body, authenticate }: HttpExchange): Effect.Effect<void> {
    const name = path.slice(OPERATIONS.length);
    const operation = this.#operations.get(name);
    const refuse = (refusal: ConsoleReply) => Effect.sync(() => send(response, refusal));
    if (operation === undefined && !name.startsWith(REQUESTS)) {
      return refuse(refusalReply(new RequestRefused({ code: "NotFound", message: "There is no such operation" })));
    }
    if (request.method !== "POST") {
      return refuse({ status: 405, body: { code: "InvalidArgument", message: "Expected POST" } });
    }
    // Anything else a page elsewhere could send without being asked about it.
    if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
      return refuse({ status: 415, body: { code: "InvalidArgument", message: "Expected application/json" } });
    }
    const { engine, registry, limits } = this.#options;
    return Effect.gen({ self: this }, function* () {
      const bytes = yield* body;
      if (bytes === undefined) {
        response.setHeader("connection", "close");
        const message = "The request is larger than is taken here";
        return yield* refuse(refusalReply(new RequestRefused({ code: "PayloadTooLarge", message })));
      }
      const who = yield* authenticate(bytes);
      if (Result.isFailure(who)) return sendUnknown(response, who.failure);
      const { caller } = who.success;
      const text = bodyText(bytes);
      if (text === undefined) return yield* refuse(refusalReply(invalid("Expected the request to be UTF-8")));
      const using = { engine, registry, limits, draws: systemDraws };
      const reply = operation === undefined
        ? this.#answerRequest({ name: name.slice(REQUESTS.length), caller }, request, text)
        : answerOperation({ name, operation, caller }, using, this.#space, text);
      send(response, yield* reply);
    });
  }

  #answerRequest(
    { name, caller }: { readonly name: string; readonly caller: Caller },
    request: IncomingMessage,
    text: string,
  ): Effect.Effect<ConsoleReply> {
    const asked = spaceAsked(spaceOfQuery(queryOf(request)), ownSpace(caller, this.#space));
    if (Result.isFailure(asked)) return Effect.succeed(refusalReply(asked.failure));
    const action = natsActions.get(name);
    // What no table names is for nobody but him who may do everything, and he is told that there is no such request.
    const mayNot = authorize(caller, action ?? "access:manage", asked.success) !== undefined;
    return mayNot ? Effect.succeed(deniedReply) : this.#bridge.answer(name, asked.success, text);
  }

  #answerStream(exchange: HttpExchange): Effect.Effect<void> {
    return Effect.flatMap(exchange.authenticate(new Uint8Array()), (who) => {
      if (Result.isSuccess(who)) return this.#stream(exchange, who.success.caller);
      return Effect.sync(() => sendUnknown(exchange.response, who.failure));
    });
  }

  #stream({ path, request, response, stopping }: HttpExchange, caller: Caller): Effect.Effect<void> {
    const query = queryOf(request);
    const asked = spaceAsked(spaceOfQuery(query), ownSpace(caller, this.#space));
    const refuse = (refused: RequestRefused) => Effect.sync(() => send(response, refusalReply(refused)));
    if (Result.isFailure(asked)) return refuse(asked.failure);
    const action = consoleActions.get(path.slice(OPERATIONS.length));
    if (action === undefined || authorize(caller, action, asked.success) !== undefined) {
      return Effect.sync(() => send(response, deniedReply));
    }
    const executionId = query.get("execution");
    if (this.#streams >= STREAMS_MAX) {
      const message = `Expected at most ${STREAMS_MAX} streams at once`;
      return refuse(new RequestRefused({ code: "LimitExceeded", message }));
    }
    const { feed } = this.#options;
    const space = asked.success;
    if (executionId !== null && !isExecutionIdOf(space, executionId)) {
      return refuse(invalid("Expected the id of an execution of this space"));
    }
    const one = executionId === null || !isExecutionIdOf(space, executionId) ? undefined : executionId;
    const told = path === FEED
      ? streamFeed(feed, { ...space, ...present({ executionId: one }) }, response)
      : one === undefined
      ? streamSpace(feed, space, response)
      : streamRun(feed, { ...space, executionId: one }, response);
    return Effect.suspend(() => {
      this.#streams++;
      return Effect.raceFirst(told, stopping);
    }).pipe(
      Effect.ensuring(Effect.sync(() => {
        this.#streams--;
        response.end();
      })),
    );
  }
}

function queryOf({ url = "/" }: IncomingMessage): URLSearchParams {
  return new URL(url, "http://localhost").searchParams;
}

function spaceOfQuery(query: URLSearchParams): Partial<Space> {
  return present({ tenant: query.get("tenant") ?? undefined, namespace: query.get("namespace") ?? undefined });
}

/** Nobody is known by what was sent: a browser asks for a key's id and secret, and sends both from then on. */
function sendUnknown(response: ServerResponse, failure: { readonly code: string; readonly message: string }): void {
  if (failure.code === "ServiceUnavailable") return send(response, { status: 503, body: failure });
  response.setHeader("www-authenticate", 'Basic realm="Weft: an access key and its secret", charset="UTF-8"');
  send(response, { status: 401, body: failure });
}

function send(response: ServerResponse, { status, body }: ConsoleReply): void {
  if (response.headersSent || response.destroyed) return;
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...securityHeaders,
    "content-type": "application/json",
    "cache-control": "no-store",
    "content-length": text.length,
  });
  response.end(text);
}
