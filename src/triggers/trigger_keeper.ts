/**
 * Triggers at work, on the node that leads them: each message of a stream starts one execution.
 *
 * The execution is started under a key that is the message's own (its `Nats-Msg-Id`, or its place in the stream), and the message is
 * acknowledged when the start is durable. After a crash in between it comes again, and finds what it started. Two nodes that work one
 * trigger share its consumer.
 */
import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  jetstream,
  type JetStreamClient,
  jetstreamManager,
  type JsMsg,
} from "@nats-io/jetstream";
import { headers as newHeaders, nanos, type NatsConnection } from "@nats-io/transport-node";
import { Effect, Latch, Result, type Scope } from "effect";
import { AwsFailure, startOnce, systemDraws } from "../aws/mod.ts";
import {
  type Engine,
  keepLed,
  type LedResource,
  type LedResources,
  type LedWork,
  type Registry,
  RequestRefused,
} from "../runtime/mod.ts";
import { backoffDelayMs, hash7, type Limits, sha256Hex } from "../values/mod.ts";
import { inputMaker, type InputOf, type TriggerMessage } from "./trigger_input.ts";
import { decodeTrigger, TRIGGER_KIND, type TriggerRecord } from "./trigger_record.ts";

/** What triggers work with. */
export interface TriggerKeeperOptions {
  readonly engine: Engine;
  readonly registry: Registry;
  readonly led: LedResources;
  readonly connection: NatsConnection;
  readonly limits: Limits;
}

/** Pauses after the stream could not be asked, such as one that is not there. */
const AGAIN = { firstMs: 250, mostMs: 10_000 };
/** Before a message comes again that could not start anything. */
const REDELIVERY = { firstMs: 500, mostMs: 30_000 };
/** A message that nobody has acknowledged for so long comes again. */
const ACK_WAIT_MS = 5_000;
/** How long one question for messages stands. */
const EXPIRES_MS = 10_000;
/** A consumer that nobody has asked for so long is gone: 30 days. */
const INACTIVE_MS = 30 * 86_400_000;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Keeps the triggers that this node leads, until the scope closes. */
export function keepTriggers(options: TriggerKeeperOptions): Effect.Effect<void, never, Scope.Scope> {
  return keepLed(options.led, TRIGGER_KIND, (resource) => new TriggerWork(options, resource));
}

/** The name of a trigger's consumer. */
export function consumerName({ tenant, namespace, names }: LedResource, { incarnation }: TriggerRecord): string {
  return `weft_trigger_${hash7(`${tenant}/${namespace}/${names.join("/")}`)}_${incarnation.slice(0, 8)}`;
}

/** One trigger at work. */
class TriggerWork implements LedWork {
  readonly #options: TriggerKeeperOptions;
  readonly #refusals = new Map<number, number>();
  #resource: LedResource;
  #trigger: TriggerRecord;
  #inputOf: InputOf;
  readonly #news = Latch.makeUnsafe(false);

  constructor(options: TriggerKeeperOptions, resource: LedResource) {
    this.#options = options;
    this.#resource = resource;
    this.#trigger = decodeTrigger(resource.record.value);
    this.#inputOf = makerOf(this.#trigger, options.limits);
  }

  get run(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      for (let failures = 0;;) {
        this.#news.closeUnsafe();
        const work = this.#trigger.isEnabled ? this.#take() : Effect.never;
        const outcome = yield* Effect.result(Effect.raceFirst(this.#news.await, work));
        if (Result.isSuccess(outcome)) {
          failures = 0;
          continue;
        }
        yield* Effect.annotateLogs(Effect.logWarning("A trigger cannot read its stream: it is tried again"), {
          trigger: this.#resource.id,
          reason: outcome.failure,
        });
        yield* Effect.raceFirst(this.#news.await, Effect.sleep(backoffDelayMs(AGAIN, failures++)));
      }
    });
  }

  changed(resource: LedResource): void {
    if (resource.record.revision <= this.#resource.record.revision) return;
    this.#resource = resource;
    this.#trigger = decodeTrigger(resource.record.value);
    this.#inputOf = makerOf(this.#trigger, this.#options.limits);
    this.#news.openUnsafe();
  }

  /** Takes messages until it is interrupted, or the stream cannot be asked. */
  #take(): Effect.Effect<never, string> {
    const { connection } = this.#options;
    return Effect.gen({ self: this }, function* () {
      const client = jetstream(connection);
      const stream = yield* this.#consumer();
      const durable = consumerName(this.#resource, this.#trigger);
      const consumer = yield* asked(() => client.consumers.get(stream, durable));
      for (;;) {
        const batch = yield* asked(() =>
          consumer.fetch({ max_messages: this.#trigger.concurrency, expires: EXPIRES_MS })
        );
        yield* this.#work(client, batch);
      }
    });
  }

  /** Hands on what comes, as it comes; what is in hand when this is interrupted comes again. */
  #work(client: JetStreamClient, batch: ConsumerMessages): Effect.Effect<void, string> {
    const taken = Effect.gen({ self: this }, function* () {
      const runFork = Effect.runForkWith(yield* Effect.context<never>());
      yield* asked(async () => {
        const open: Promise<void>[] = [];
        for await (const message of batch) {
          open.push(new Promise((resolve) => runFork(this.#handle(client, message)).addObserver(() => resolve())));
        }
        await Promise.all(open);
      });
    });
    return Effect.onInterrupt(taken, () => Effect.promise(async () => void await batch.close()));
  }

  /** The stream that keeps the subject, with the trigger's consumer on it. */
  #consumer(): Effect.Effect<string, string> {
    const { subject, concurrency, from } = this.#trigger;
    return asked(async () => {
      const manager = await jetstreamManager(this.#options.connection);
      const stream = await manager.streams.find(subject);
      if (isOwnStream(stream)) throw new Error(`The stream ${stream} is Weft's own`);
      await manager.consumers.add(stream, {
        durable_name: consumerName(this.#resource, this.#trigger),
        filter_subject: subject,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(ACK_WAIT_MS),
        deliver_policy: from === "new" ? DeliverPolicy.New : DeliverPolicy.All,
        max_ack_pending: concurrency,
        max_deliver: -1,
        inactive_threshold: nanos(INACTIVE_MS),
      });
      return stream;
    });
  }

  #handle(client: JetStreamClient, message: JsMsg): Effect.Effect<void> {
    const { tenant, namespace, names: [name = ""] } = this.#resource;
    const { stateMachine } = this.#trigger;
    const { engine, registry } = this.#options;
    const caller = { engine, registry, scope: { account: tenant, region: namespace }, draws: systemDraws };
    const input = Result.flatMap(readMessage(message), this.#inputOf);
    if (Result.isFailure(input)) return this.#refuse(client, message, input.failure);
    const started = startOnce(caller, {
      machine: stateMachine,
      name: executionName(name, message),
      input: JSON.stringify(input.success),
    });
    return Effect.matchEffect(started, {
      onSuccess: () => {
        this.#refusals.delete(message.seq);
        return Effect.sync(() => message.ack());
      },
      onFailure: (failure) =>
        mayPass(failure)
          ? Effect.sync(() => message.nak(backoffDelayMs(REDELIVERY, message.info.deliveryCount)))
          : this.#refuse(client, message, failure),
    });
  }

  /** Once more later, or aside: into the dead letters before it is given up, so a crash in between sends it twice with one message id. */
  #refuse(
    client: JetStreamClient,
    message: JsMsg,
    { code, message: why }: { readonly code: string; readonly message: string },
  ): Effect.Effect<void> {
    const refusals = (this.#refusals.get(message.seq) ?? 0) + 1;
    const { refusalsMax, deadLetterSubject } = this.#trigger;
    if (refusals < refusalsMax) {
      this.#refusals.set(message.seq, refusals);
      return Effect.sync(() => message.nak(backoffDelayMs(REDELIVERY, refusals - 1)));
    }
    const headers = newHeaders();
    for (const [name, values] of message.headers ?? []) for (const value of values) headers.append(name, value);
    headers.set("Weft-Error", code);
    headers.set("Weft-Cause", why.replace(/[\r\n]+/g, " ").slice(0, 1_024));
    headers.set("Weft-Subject", message.subject);
    const msgID = `${this.#resource.id} ${message.info.stream} ${message.seq}`;
    const sent = deadLetterSubject === undefined
      ? Effect.void
      : Effect.asVoid(asked(() => client.publish(deadLetterSubject, message.data, { headers, msgID })));
    return Effect.matchEffect(sent, {
      onSuccess: () => {
        this.#refusals.delete(message.seq);
        message.term(code);
        return Effect.annotateLogs(Effect.logWarning("A trigger has laid a message aside"), {
          trigger: this.#resource.id,
          stream: message.info.stream,
          sequence: message.seq,
          code,
        });
      },
      onFailure: () => Effect.sync(() => message.nak(REDELIVERY.mostMs)),
    });
  }
}

/** Streams of Weft itself and of the server. */
export function isOwnStream(name: string): boolean {
  return /^(weft|kv_weft|obj_weft|\$)/i.test(name);
}

function makerOf({ input }: TriggerRecord, limits: Limits): InputOf {
  const maker = inputMaker(input, limits);
  if (Result.isFailure(maker)) throw new RangeError(maker.failure);
  return maker.success;
}

/** Unique for a message: by the id that its sender gave it, else by its place. At most 80 characters. */
function executionName(trigger: string, message: JsMsg): string {
  const id = message.headers?.get("Nats-Msg-Id") ?? "";
  const { stream } = message.info;
  const own = id === "" ? `${stream} ${message.seq}` : `${stream} id ${id}`;
  return `${trigger.slice(0, 40)}-${hash7(trigger)}-${sha256Hex(own).slice(0, 31)}`;
}

function readMessage(
  message: JsMsg,
): Result.Result<TriggerMessage, { readonly code: "TriggerInputRefused"; readonly message: string }> {
  const { stream, timestampNanos } = message.info;
  const headers: Record<string, string> = {};
  for (const [name, [first = ""]] of message.headers ?? []) headers[name] = first;
  try {
    return Result.succeed({
      stream,
      sequence: message.seq,
      subject: message.subject,
      timestamp: new Date(Math.floor(Number(timestampNanos) / 1_000_000)).toISOString(),
      headers,
      text: utf8.decode(message.data),
    });
  } catch {
    return Result.fail({ code: "TriggerInputRefused", message: "The message is not UTF-8" });
  }
}

/** The engine may do it when the message comes again. */
function mayPass(failure: AwsFailure | RequestRefused): boolean {
  return failure instanceof RequestRefused
    ? failure.code === "Unavailable" || failure.code === "Internal" || failure.code === "LimitExceeded"
    : failure.status >= 500;
}

/** What JetStream answers; its failure as a text. */
function asked<T>(ask: () => Promise<T>): Effect.Effect<T, string> {
  return Effect.tryPromise({ try: ask, catch: (thrown) => thrown instanceof Error ? thrown.message : String(thrown) });
}
