/**
 * The HTTP side of the AWS API: one POST endpoint, a health check, bounded bodies, an end in order.
 *
 * `node:http` alone: it runs on Node and Deno, and one endpoint with a health check beside it needs no router.
 */
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Effect, Exit, Fiber, Latch, Result, type Scope } from "effect";
import {
  type ActivityTasks,
  type AwsFailure,
  awsFailure,
  type AwsScope,
  KeptHistories,
  noActivityTasks,
  systemDraws,
} from "../../aws/mod.ts";
import type { Engine, Registry } from "../../runtime/mod.ts";
import { anonymous, type Authenticated, Authenticator, type NotAuthenticated } from "../../access/mod.ts";
import { defaultLimits, type Limits } from "../../values/mod.ts";
import type { Schedules } from "../../schedules/mod.ts";
import { answerCall, type AwsReply, failureReply } from "./answer_call.ts";
import type { AwsCall } from "./call.ts";
import type { TraceHttp } from "./test_state/trace_http.ts";
import { answerScheduler, isSchedulerPath, refusedScheduler } from "./scheduler/answer_scheduler.ts";
import { HttpUnavailable } from "./http_unavailable.ts";
import { answerMonitoring, type Monitored } from "./monitoring.ts";
import type { HttpSurface } from "./surface.ts";
import { credentialScope } from "./wire/credential_scope.ts";
import { isLoopback, type OriginPolicy, originRefusal } from "./wire/origin_check.ts";
import { presentedRequest } from "./wire/presented_request.ts";
import { BODY_BYTES_MAX, bodyText, readBody } from "./wire/read_body.ts";

/** What the API is served from, and where. */
export interface HttpApiOptions extends Monitored {
  readonly engine: Engine;
  readonly registry: Registry;
  /** Default: tasks of activities never come here. */
  readonly activities?: ActivityTasks;
  /** Default: TestState shows no request and response of HTTP tasks. */
  readonly traceHttp?: TraceHttp;
  /** Default: EventBridge Scheduler's verbs are not there. */
  readonly schedules?: Schedules;
  /** Of the engine. Default: AWS's. */
  readonly limits?: Limits;
  /** 0 takes a free one. */
  readonly port: number;
  /** Default: the loopback interface alone. */
  readonly host?: string;
  /** Other processes listen on this port as well, and the system spreads connections over them. Not every system can. */
  readonly isPortShared?: boolean;
  /** Whose calls unsigned ones are, and those whose access key is no account: where nobody is asked who he is. */
  readonly scope: AwsScope;
  /** Says who calls. Default: whoever comes is whoever he says he is. */
  readonly authenticator?: Authenticator;
  /** Names of `Host` that are trusted besides addresses, `localhost` and names without a dot. */
  readonly allowedHosts?: readonly string[];
  /** Served beside the API. */
  readonly surface?: HttpSurface;
}

/** A server that is up. */
export interface HttpApi {
  readonly port: number;
  /** `http://host:port`. */
  readonly address: string;
}

/** Longer than the clients keep theirs, so that it is they who close an idle connection. */
const KEEP_ALIVE_MS = 75_000;
/** What is in hand at a shutdown gets so long. */
const GRACE_MS = 5_000;

/** What every call of one server shares. */
interface Surroundings extends Omit<AwsCall, "scope" | "caller" | "ifUndelivered"> {
  readonly origins: OriginPolicy;
  readonly authenticator: Authenticator;
}

/** Serves the API for as long as the scope. */
export function serveHttpApi(options: HttpApiOptions): Effect.Effect<HttpApi, HttpUnavailable, Scope.Scope> {
  return Effect.gen(function* () {
    const runFork = Effect.runForkWith(yield* Effect.context<never>());
    const calls = new Map<ServerResponse, Fiber.Fiber<void>>();
    const { engine, registry, activities = noActivityTasks, host = "127.0.0.1" } = options;
    const stop = Latch.makeUnsafe(false);
    const histories = new KeptHistories(registry);
    const surroundings: Surroundings = {
      engine,
      registry,
      activities,
      draws: systemDraws,
      histories,
      traceHttp: options.traceHttp,
      limits: options.limits ?? defaultLimits,
      stopping: stop.await,
      authenticator: options.authenticator ?? new Authenticator(undefined),
      origins: {
        allowedHosts: [host, ...options.allowedHosts ?? []].map((name) => name.toLowerCase()),
        isStrict: isLoopback(host),
      },
    };
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      const undone: (() => void)[] = [];
      const fiber = runFork(answerRequest(options, surroundings, request, response, (undo) => undone.push(undo)));
      calls.set(response, fiber);
      response.on("close", () => {
        calls.delete(response);
        if (response.writableFinished) return;
        // Nobody waits for the answer any more.
        runFork(Effect.andThen(Fiber.interrupt(fiber), Effect.sync(() => undone.forEach((undo) => undo()))));
      });
    });
    yield* Effect.acquireRelease(listen(server, options), () => close(server, calls, stop));
    const bound = server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : options.port;
    return { port, address: `http://${host.includes(":") ? `[${host}]` : host}:${port}` };
  });
}

function listen(
  server: Server,
  { port, host = "127.0.0.1", isPortShared = false }: HttpApiOptions,
): Effect.Effect<void, HttpUnavailable> {
  return Effect.callback((resume) => {
    const failed = (failure: Error) =>
      resume(Effect.fail(new HttpUnavailable({ message: `Cannot listen on ${host}:${port}: ${failure.message}` })));
    server.once("error", failed);
    server.listen({ port, host, reusePort: isPortShared }, () => {
      server.off("error", failed);
      resume(Effect.void);
    });
  });
}

/** Nothing new is taken; workers that wait for tasks are told that there are none, other calls get a while to end. */
function close(
  server: Server,
  calls: ReadonlyMap<ServerResponse, Fiber.Fiber<void>>,
  stop: Latch.Latch,
): Effect.Effect<void> {
  const closed = Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void));
    server.closeIdleConnections();
  });
  const cutOff = Effect.andThen(
    Fiber.interruptAll(calls.values()),
    Effect.sync(() => server.closeAllConnections()),
  );
  return Effect.gen(function* () {
    const closing = yield* Effect.forkChild(closed);
    // So that the connection ends with the answer.
    for (const response of calls.keys()) if (!response.headersSent) response.setHeader("connection", "close");
    stop.openUnsafe();
    yield* Effect.raceFirst(Fiber.await(closing), Effect.sleep(calls.size === 0 ? 0 : GRACE_MS));
    yield* cutOff;
    yield* Fiber.await(closing);
  });
}

function answerRequest(
  options: HttpApiOptions,
  surroundings: Surroundings,
  request: IncomingMessage,
  response: ServerResponse,
  ifUndelivered: AwsCall["ifUndelivered"],
): Effect.Effect<void> {
  const { method = "", url = "/" } = request;
  const path = url.split("?", 1)[0] ?? "";
  const isForSurface = options.surface?.takes(request, path) === true;
  const refusal = originRefusal(
    {
      host: request.headers.host,
      origin: request.headers.origin,
      fetchSite: headerText(request.headers["sec-fetch-site"]),
    },
    surroundings.origins,
    isForSurface,
  );
  if (refusal !== undefined) return send(response, { status: 403, body: { message: refusal } });
  if (options.surface !== undefined && isForSurface) {
    const { stopping } = surroundings;
    const authenticate = (bytes: Uint8Array) => visitorOf(surroundings, request, bytes);
    return options.surface.answer({ request, response, path, body: readBody(request), authenticate, stopping });
  }
  const { schedules } = options;
  if (schedules !== undefined && isSchedulerPath(path)) {
    return schedulerRequest(schedules, options, surroundings, request, response);
  }
  if (method === "GET" || method === "HEAD") return answerMonitoring(options, path, response);
  if (method !== "POST") {
    return send(response, { status: 405, body: { message: "Expected POST / with a header X-Amz-Target" } });
  }
  return Effect.gen(function* () {
    const body = yield* readBody(request);
    if (body === undefined) return yield* sendTooLarge(response);
    const who = yield* callerOf(surroundings, request, body);
    if (Result.isFailure(who)) return yield* send(response, failureReply(who.failure));
    const text = bodyText(body);
    if (text === undefined) {
      return yield* send(response, failureReply(awsFailure("SerializationException", "The request is no UTF-8")));
    }
    const target = request.headers["x-amz-target"];
    const call: AwsCall = { ...surroundings, ...whoseCall(who.success, request, options.scope), ifUndelivered };
    const reply = yield* Effect.onExit(
      answerCall(call, typeof target === "string" ? target : undefined, text),
      // Cut off by a shutdown: the client is to ask another node, or later.
      (exit) =>
        Exit.isFailure(exit)
          ? send(response, failureReply(awsFailure("ServiceUnavailable", "The server is shutting down; ask again")))
          : Effect.void,
    );
    yield* send(response, reply);
  });
}

function sendTooLarge(response: ServerResponse): Effect.Effect<void> {
  response.setHeader("connection", "close");
  const failure = failureReply(
    awsFailure("ValidationException", `Expected a body of at most ${BODY_BYTES_MAX} bytes`),
  );
  return send(response, { ...failure, status: 413 });
}

function schedulerRequest(
  schedules: Schedules,
  { scope: settings }: HttpApiOptions,
  surroundings: Surroundings,
  request: IncomingMessage,
  response: ServerResponse,
): Effect.Effect<void> {
  const { method = "", url = "/" } = request;
  const [path = "", query = ""] = url.split(/\?(.*)/s, 2);
  return Effect.gen(function* () {
    const bytes = yield* readBody(request);
    if (bytes === undefined) return yield* sendTooLarge(response);
    const who = yield* callerOf(surroundings, request, bytes, "scheduler");
    const body = bodyText(bytes);
    const reply = Result.isFailure(who)
      ? refusedScheduler(who.failure)
      : body === undefined
      ? refusedScheduler(awsFailure("SerializationException", "The request is no UTF-8"))
      : yield* answerScheduler({
        schedules,
        ...whoseCall(who.success, request, settings),
        limits: surroundings.limits,
        method,
        path,
        query,
        body,
      });
    if (reply.errorType !== undefined) response.setHeader("x-amzn-errortype", reply.errorType);
    yield* send(response, reply, "application/json");
  });
}

type Who = Effect.Effect<Result.Result<Authenticated, NotAuthenticated | AwsFailure>>;

/** Who sent a request. A store that does not answer lets nobody in. */
function callerOf(
  { authenticator }: Surroundings,
  request: IncomingMessage,
  body: Uint8Array,
  service: "states" | "scheduler" = "states",
): Who {
  return answeredWho(authenticator.authenticate(presentedRequest(request), body, service));
}

/** Who sent a request to the surface: programs sign, browsers sign in. */
function visitorOf(surroundings: Surroundings, request: IncomingMessage, body: Uint8Array): Who {
  const { authorization } = request.headers;
  if (authorization === undefined || !/^basic /i.test(authorization)) return callerOf(surroundings, request, body);
  return answeredWho(surroundings.authenticator.authenticateBrowser(authorization));
}

function answeredWho(who: ReturnType<Authenticator["authenticate"]>): Who {
  return Effect.catch(
    who,
    () => Effect.succeed(Result.fail(awsFailure("ServiceUnavailable", "The store of keys does not answer; ask again"))),
  );
}

/** Where nobody is asked who he is, the request says whose it is. */
function whoseCall(
  { caller, region }: Authenticated,
  request: IncomingMessage,
  settings: AwsScope,
): Pick<AwsCall, "caller" | "scope"> {
  if (region !== undefined && caller.tenant !== undefined) return { caller, scope: { account: caller.tenant, region } };
  const scope = credentialScope(request.headers.authorization, settings);
  return { caller: { ...anonymous, tenant: scope.account }, scope };
}

function headerText(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.join(", ");
}

function send(
  response: ServerResponse,
  { status, body }: AwsReply,
  contentType = "application/x-amz-json-1.0",
): Effect.Effect<void> {
  return Effect.sync(() => {
    if (response.headersSent || response.destroyed) return;
    const text = Buffer.from(JSON.stringify(body));
    response.writeHead(status, {
      "content-type": contentType,
      "content-length": text.length,
      "x-amzn-requestid": randomUUID(),
    });
    response.end(text);
  });
}
