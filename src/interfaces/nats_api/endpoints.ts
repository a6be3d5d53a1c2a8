/**
 * The endpoints as a table: subject, schemas, and how a decoded request becomes an answer of the engine.
 */
import { Buffer } from "node:buffer";
import { Effect, Option, Result, type Schema } from "effect";
import { type DescribeOptions, type Engine, type HistoryEvent, RequestRefused } from "../../runtime/engine.ts";
import { isExecutionIdOf, type Json, type Limits, parseExecutionId, present, type Space } from "../../values/mod.ts";
import { bodyDecoder, checkPayload, type Decoded } from "./decode.ts";
import * as requests from "./requests.ts";
import { standingEndpoints, type StandingOrders } from "./standing_endpoints.ts";

/** The services as NATS tools list them. */
export type ServiceName = keyof typeof groups;
/** The limits that requests are held to before the engine sees them. */
export type ApiLimits = Pick<Limits, "jsonDepthMax" | "payloadBytesMax" | "definitionBytesMax">;

/** What a reply says, or why nothing was done. */
export type Answer = Effect.Effect<unknown, RequestRefused>;

/** A request that can be given to the engine. */
export interface Accepted {
  readonly answer: Answer;
  /** The answer comes when an execution ends, which may be never: counted and bounded apart from the others. */
  readonly waits: boolean;
}

/** One subject: what it takes, what it replies, and how it asks the engine. */
export interface Endpoint {
  readonly service: ServiceName;
  /** The verb: last token of the subject. */
  readonly name: string;
  /** With `*` for tenant and namespace. */
  readonly subject: string;
  readonly description: string;
  readonly request: Schema.Constraint;
  readonly reply: Schema.Constraint;
  /** Decodes a body and asks the engine; nothing happens before the answer is run. */
  accept(space: Space, bytes: Uint8Array): Decoded<Accepted>;
  /** A reply that says less than `reply`, where a page can be cut to `bytesMax`. */
  shorten?(reply: unknown, bytesMax: number): unknown;
}

const groups = {
  "weft-executions": "executions",
  "weft-workflows": "workflows",
  "weft-tasks": "tasks",
  "weft-schedules": "schedules",
  "weft-triggers": "triggers",
} as const;

/** One endpoint, as it is written down. */
export interface Definition<S extends Schema.ConstraintDecoder<unknown>> {
  readonly service: ServiceName;
  readonly name: string;
  readonly description: string;
  readonly request: S;
  readonly reply: Schema.Constraint;
  waits?(body: S["Type"]): boolean;
  answer(request: Space & S["Type"], bodyBytes: number): Answer | RequestRefused;
  shorten?(reply: unknown, bytesMax: number): unknown;
}

/** Makes an endpoint of what is written down. */
export type Define = <S extends Schema.ConstraintDecoder<unknown>>(definition: Definition<S>) => Endpoint;

function definer(limits: ApiLimits): Define {
  return ({ service, name, description, request, reply, waits, answer, shorten }) => {
    const decode = bodyDecoder(request, limits);
    return {
      service,
      name,
      subject: `weft.api.*.*.${groups[service]}.${name}`,
      description,
      request,
      reply,
      ...present({ shorten }),
      accept: (space, bytes) => {
        const decoded = decode(bytes);
        if (Result.isFailure(decoded)) return Result.fail(decoded.failure);
        const body = decoded.success;
        const given = answer({ ...body as object, ...space } as Space & typeof body, bytes.length);
        return given instanceof RequestRefused
          ? Result.fail(given)
          : Result.succeed({ answer: given, waits: waits?.(body) ?? false });
      },
    };
  };
}

/** All endpoints of the services, in front of `engine`. */
export function endpoints(
  engine: Engine,
  limits: ApiLimits,
  describeWaitMs: number,
  standing?: StandingOrders,
): readonly Endpoint[] {
  const define = definer(limits);
  return [
    ...(standing === undefined ? [] : standingEndpoints(standing, define)),
    ...executionEndpoints(engine, define, limits),
    ...executionReads(engine, define, describeWaitMs),
    ...workflowEndpoints(engine, define, limits),
    ...taskEndpoints(engine, define, limits),
  ];
}

function executionEndpoints(engine: Engine, define: Define, limits: ApiLimits): Endpoint[] {
  const service = "weft-executions";
  return [
    define({
      service,
      name: "start",
      description: "Starts an execution; with `wait`, answers as describe once it has ended",
      request: requests.StartExecution,
      reply: requests.replies.executionStatus,
      waits: (body) => body.wait === true,
      answer: ({ wait, ...request }, bodyBytes) => {
        const input = request.input as Json;
        const tooLarge = checkPayload("input", input, bodyBytes, limits.payloadBytesMax);
        if (tooLarge !== undefined) return tooLarge;
        return wait === true
          ? engine.runExecution({ ...request, input })
          : engine.startExecution({ ...request, input });
      },
    }),
    define({
      service,
      name: "cancel",
      description: "Cancels an execution and everything that runs below it",
      request: requests.CancelExecution,
      reply: requests.replies.executionStatus,
      answer: (request) => unknownExecution(request) ?? engine.cancelExecution(request),
    }),
    define({
      service,
      name: "redrive",
      description: "Lets an execution that did not succeed go on from where it failed",
      request: requests.RedriveExecution,
      reply: requests.replies.redrive,
      answer: (request) => unknownExecution(request) ?? engine.redriveExecution(request),
    }),
    define({
      service,
      name: "delete",
      description: "Deletes an ended execution with its history",
      request: requests.DeleteExecution,
      reply: requests.replies.executionStatus,
      answer: (request) => unknownExecution(request) ?? engine.deleteExecution(request),
    }),
  ];
}

function executionReads(engine: Engine, define: Define, waitMs: number): Endpoint[] {
  const service = "weft-executions";
  return [
    define({
      service,
      name: "describe",
      description: "Status, input and output of an execution; with `wait`, once it has ended or half a minute later",
      request: requests.DescribeExecution,
      reply: requests.replies.execution,
      waits: (body) => body.wait === true,
      answer: ({ wait, ...request }) =>
        unknownExecution(request) ??
          (wait === true ? describeLater(engine, request, waitMs) : engine.describeExecution(request)),
    }),
    define({
      service,
      name: "history",
      description: "The events of an execution with `id > after`, oldest first; `next` is the following page's `after`",
      request: requests.ExecutionHistory,
      reply: requests.replies.history,
      answer: (request) => unknownExecution(request) ?? engine.executionHistory(request),
      shorten: (page, bytesMax) => cutToBytes(page as HistoryPage, bytesMax),
    }),
    define({
      service,
      name: "list",
      description: "Executions, newest first, without payloads",
      request: requests.ListExecutions,
      reply: requests.replies.executions,
      answer: (request) => engine.listExecutions(request),
    }),
  ];
}

/** Waits for the end, but not for ever: who has left cannot be seen from here. */
function describeLater(
  engine: Engine,
  request: Space & { readonly executionId: string } & DescribeOptions,
  waitMs: number,
): Answer {
  return Effect.flatMap(
    Effect.timeoutOption(engine.awaitExecution(request), waitMs),
    Option.match({ onNone: () => engine.describeExecution(request), onSome: (ended) => Effect.succeed(ended) }),
  );
}

/** An id of another space is answered as an id that nobody has: nothing is said about other tenants. */
function unknownExecution(request: Space & { readonly executionId: string }): RequestRefused | undefined {
  if (isExecutionIdOf(request, request.executionId)) return undefined;
  if (parseExecutionId(request.executionId) === undefined) {
    return new RequestRefused({
      code: "InvalidArgument",
      message: `Expected "executionId" to be an execution's id, but it is not`,
    });
  }
  return new RequestRefused({ code: "NotFound", message: `Execution "${request.executionId}" does not exist` });
}

interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  readonly next?: number;
}

/** The page's longest head that fits; the rest is the following page. At least one event stays, whatever its size. */
function cutToBytes(page: HistoryPage, bytesMax: number): HistoryPage {
  const envelopeBytes = 64;
  let bytes = envelopeBytes;
  for (const [index, event] of page.events.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(event)) + 1;
    if (bytes <= bytesMax || index === 0) continue;
    const events = page.events.slice(0, index);
    return { events, next: events[index - 1]?.id ?? 0 };
  }
  return page;
}

function workflowEndpoints(engine: Engine, define: Define, limits: ApiLimits): Endpoint[] {
  const service = "weft-workflows";
  const definitionOf = (definition: unknown, bodyBytes: number): string | Json | RequestRefused => {
    const tooLarge = checkPayload("definition", definition as Json, bodyBytes, limits.definitionBytesMax);
    return tooLarge ?? definition as Json;
  };
  return [
    define({
      service,
      name: "put",
      description: "Creates a workflow or its next revision",
      request: requests.PutWorkflow,
      reply: requests.replies.workflowPut,
      answer: (request, bodyBytes) => {
        const definition = definitionOf(request.definition, bodyBytes);
        if (definition instanceof RequestRefused) return definition;
        return Effect.map(engine.putWorkflow({ ...request, definition }), ({ definition: _, ...put }) => put);
      },
    }),
    define({
      service,
      name: "describe",
      description: "A workflow's newest revision with its definition",
      request: requests.NamedWorkflow,
      reply: requests.replies.workflow,
      answer: (request) => engine.describeWorkflow(request),
    }),
    define({
      service,
      name: "list",
      description: "Workflows by name, without definitions",
      request: requests.ListWorkflows,
      reply: requests.replies.workflows,
      answer: (request) => engine.listWorkflows(request),
    }),
    define({
      service,
      name: "delete",
      description: "Deletes a workflow; its running executions go on",
      request: requests.NamedWorkflow,
      reply: requests.replies.workflowName,
      answer: (request) => engine.deleteWorkflow(request),
    }),
    define({
      service,
      name: "validate",
      description: "Every finding about a definition, without keeping it",
      request: requests.ValidateDefinition,
      reply: requests.replies.findings,
      answer: (request, bodyBytes) => {
        const definition = definitionOf(request.definition, bodyBytes);
        if (definition instanceof RequestRefused) return definition;
        const diagnostics = engine.validateDefinition(definition);
        return Effect.succeed({ valid: diagnostics.every(({ severity }) => severity !== "ERROR"), diagnostics });
      },
    }),
  ];
}

function taskEndpoints(engine: Engine, define: Define, limits: ApiLimits): Endpoint[] {
  const service = "weft-tasks";
  const reply = requests.replies.task;
  return [
    define({
      service,
      name: "complete",
      description: "Ends a task with its output",
      request: requests.CompleteTask,
      reply,
      answer: (request, bodyBytes) => {
        const output = request.output as Json;
        return checkPayload("output", output, bodyBytes, limits.payloadBytesMax) ??
          engine.completeTask({ ...request, output });
      },
    }),
    define({
      service,
      name: "fail",
      description: "Ends a task with an error",
      request: requests.FailTask,
      reply,
      answer: (request) => engine.failTask(request),
    }),
    define({
      service,
      name: "heartbeat",
      description: "Says that the task is still being worked on",
      request: requests.TokenOnly,
      reply,
      answer: (request) => engine.heartbeatTask(request),
    }),
    define({
      service,
      name: "activate",
      description: "Says that the task was taken up: its heartbeat's clock starts",
      request: requests.TokenOnly,
      reply,
      answer: (request) => engine.activateTask(request),
    }),
  ];
}
