/**
 * Where requests come in and answers go out: one call a request, no promise and no fiber hop, because each microsecond here is
 * paid twice per execution.
 */
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { Cause, Effect, Exit, Fiber, Result } from "effect";
import type { RequestRefused } from "../../runtime/engine.ts";
import { decodeSpace } from "./decode.ts";
import type { Accepted, Endpoint } from "./endpoints.ts";
import { fits, messageBytesMax, type Refusal, refusalMessage } from "./replies.ts";

/** Bounds of a desk, and where it logs. */
export interface RequestDeskOptions {
  /** Requests in work at once, those that wait for an execution's end apart; beyond it callers are told `Unavailable`. */
  readonly inFlightMax: number;
  /** Callers that wait for an execution's end at once; beyond it they are told `LimitExceeded`. */
  readonly waitersMax: number;
  /** Runs what must be logged. */
  readonly log: (entry: Effect.Effect<void>) => void;
}

/** Counts of one endpoint since the start, shown in the service's statistics. */
export interface EndpointCounts {
  readonly answered: number;
  /** By code. */
  readonly refused: Readonly<Record<string, number>>;
}

interface Counts {
  answered: number;
  refused: Record<string, number>;
}

type AnswerFiber = Fiber.Fiber<unknown, RequestRefused>;

/**
 * A subject on which only an asker listens. What is answered is published with the engine's own rights: an asker that names another subject, such as one
 * of the log or of a bucket, would write there.
 */
function isInbox(reply: string): boolean {
  return reply === "" || reply.startsWith("_");
}

const SHUTTING_DOWN = "The engine is shutting down; ask again";

/** Takes requests, runs their answers, replies. One for all endpoints of a connection. */
export class RequestDesk {
  readonly #connection: NatsConnection;
  readonly #options: RequestDeskOptions;
  readonly #inFlight = new Set<AnswerFiber>();
  readonly #waiters = new Set<AnswerFiber>();
  readonly #counts = new Map<string, Counts>();
  #closing = false;

  constructor(connection: NatsConnection, options: RequestDeskOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** What became of the endpoint's requests so far. */
  countsOf(subject: string): EndpointCounts {
    return this.#mutableCountsOf(subject);
  }

  /** Takes in one request; it is answered in this call or later. Never throws. */
  take(endpoint: Endpoint, message: Msg): void {
    // Only the reply subject is kept: the message holds on to the whole chunk that it was read from.
    const { reply = "" } = message;
    if (!isInbox(reply)) return;
    try {
      const space = decodeSpace(message.subject);
      if (Result.isFailure(space)) return this.#refuse(endpoint, reply, space.failure);
      const accepted = endpoint.accept(space.success, message.data);
      if (Result.isFailure(accepted)) return this.#refuse(endpoint, reply, accepted.failure);
      const refusal = this.#admissionRefusal(accepted.success);
      if (refusal !== undefined) return this.#refuse(endpoint, reply, refusal);
      this.#run(endpoint, reply, accepted.success);
    } catch (defect) {
      this.#reportDefect(endpoint, reply, Cause.die(defect));
    }
  }

  #admissionRefusal({ waits }: Accepted): Refusal | undefined {
    const { inFlightMax, waitersMax } = this.#options;
    if (this.#closing) return { code: "Unavailable", message: SHUTTING_DOWN };
    if (!waits && this.#inFlight.size >= inFlightMax) {
      return { code: "Unavailable", message: `The engine has ${inFlightMax} requests in work already; ask again` };
    }
    if (waits && this.#waiters.size >= waitersMax) {
      const message =
        `${waitersMax} callers wait for executions to end already; start without "wait" and describe it later`;
      return { code: "LimitExceeded", message };
    }
    return undefined;
  }

  #run(endpoint: Endpoint, reply: string, { answer, waits }: Accepted): void {
    const fiber = Effect.runFork(answer);
    const exit = fiber.pollUnsafe();
    if (exit !== undefined) return this.#finish(endpoint, reply, exit);
    const pending = waits ? this.#waiters : this.#inFlight;
    pending.add(fiber);
    fiber.addObserver((late) => {
      pending.delete(fiber);
      this.#finish(endpoint, reply, late);
    });
  }

  #finish(endpoint: Endpoint, reply: string, exit: Exit.Exit<unknown, RequestRefused>): void {
    if (Exit.isSuccess(exit)) return this.#respond(endpoint, reply, exit.value);
    const refused = Cause.findError(exit.cause);
    if (Result.isSuccess(refused)) return this.#refuse(endpoint, reply, refused.success);
    if (Cause.hasInterruptsOnly(exit.cause)) {
      return this.#refuse(endpoint, reply, { code: "Unavailable", message: SHUTTING_DOWN, outcome: "unknown" });
    }
    this.#reportDefect(endpoint, reply, exit.cause);
  }

  #respond(endpoint: Endpoint, reply: string, value: unknown): void {
    let body = JSON.stringify(value);
    const bytesMax = messageBytesMax(this.#connection);
    if (!fits(body, bytesMax)) {
      if (endpoint.shorten !== undefined) body = JSON.stringify(endpoint.shorten(value, bytesMax));
      if (!fits(body, bytesMax)) {
        const message = `The reply would have more than ${bytesMax} bytes, the most that this NATS server passes on`;
        return this.#refuse(endpoint, reply, { code: "PayloadTooLarge", message, outcome: "unknown" });
      }
    }
    this.#mutableCountsOf(endpoint.subject).answered++;
    this.#publish(reply, body);
  }

  #refuse(endpoint: Endpoint, reply: string, refusal: Refusal): void {
    const { refused } = this.#mutableCountsOf(endpoint.subject);
    refused[refusal.code] = (refused[refusal.code] ?? 0) + 1;
    const { body, headers } = refusalMessage(refusal, messageBytesMax(this.#connection));
    this.#publish(reply, body, headers);
  }

  #reportDefect(endpoint: Endpoint, reply: string, cause: Cause.Cause<unknown>): void {
    const incident = crypto.randomUUID();
    this.#options.log(
      Effect.logError("A request ended in a defect", cause).pipe(
        Effect.annotateLogs({ incident, subject: endpoint.subject }),
      ),
    );
    const message = `The engine failed at this request; its log has the reason under "${incident}"`;
    this.#refuse(endpoint, reply, { code: "Internal", message, outcome: "unknown" });
  }

  #publish(reply: string, body: string, headers?: ReturnType<typeof refusalMessage>["headers"]): void {
    if (reply === "" || this.#connection.isClosed()) return;
    try {
      this.#connection.publish(reply, body, headers === undefined ? undefined : { headers });
    } catch (failure) {
      // A reply subject that is none, or a connection that just went: nobody is there to be told.
      this.#options.log(Effect.logDebug("A reply could not be sent", failure));
    }
  }

  #mutableCountsOf(subject: string): Counts {
    let counts = this.#counts.get(subject);
    if (counts === undefined) this.#counts.set(subject, counts = { answered: 0, refused: {} });
    return counts;
  }

  /** Takes no more requests, tells those that wait, and lets the others end; ends them itself after `timeoutMs`. */
  close(timeoutMs: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#closing = true;
      const waiting = Fiber.interruptAll([...this.#waiters]);
      const ending = Fiber.awaitAll([...this.#inFlight]).pipe(
        Effect.timeoutOption(timeoutMs),
        Effect.andThen(Effect.suspend(() => Fiber.interruptAll([...this.#inFlight]))),
      );
      return Effect.andThen(waiting, ending);
    });
  }
}
