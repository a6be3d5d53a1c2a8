import { Deferred, Effect, Schedule, type Scope } from "effect";
import type { NatsConnection } from "@nats-io/transport-node";
import { type JetStreamUnfit, openJetStream, PipelinedPublisher } from "../../nats/mod.ts";
import { type Cluster, ClusterUnavailable, type Confirmation, type MemberId } from "../mod.ts";
import { ClusterBucket } from "./cluster_bucket.ts";
import { KnownCluster } from "./known_cluster.ts";
import { Leases } from "./leases.ts";
import { NodeMessages } from "./node_messages.ts";
import { sessionKey, type SessionRecord } from "./records.ts";
import { Session, type SessionListener } from "./session.ts";
import { Watch } from "./watch.ts";

/** Settings of a node's place in a cluster on JetStream. */
export interface JetStreamClusterOptions {
  /** Closed by its owner, after the scope. */
  readonly connection: NatsConnection;
  /** `[A-Za-z0-9_-]+`. Clusters that share a bucket do not see each other. */
  readonly clusterId: string;
  /** Servers that keep the bucket: 1 on a single server, 3 in a cluster. Only counts when it is made. */
  readonly replicas: number;
  /** What this node is called, the same after a restart. */
  readonly name: string;
  /** Milliseconds without a sign of life after which a node is taken for dead, at least 200. Default: 2,000. */
  readonly sessionMs?: number;
  /** `[A-Za-z0-9_-]+`. Default: `WEFT_CLUSTER`. */
  readonly bucket?: string;
}

const SESSION_MS = 2_000;
const SESSION_MS_MIN = 200;
const MANAGER_TIMEOUT_MS = 5_000;
/** Signs of life in a session's length. */
const SIGNS_A_SESSION = 4;
/** Looks at what is due and who is silent, in a session's length. */
const CHECKS_A_SESSION = 16;
/** How often at most a member speaks of its writes, in a session's length; and in which time at least of one of them, for who listens. */
const TELLS_A_SESSION = 32;
const UNTOLD_PART = 2 / TELLS_A_SESSION;
/** For this part of a session's length at least a silent one's record is seen not to change before its session is ended. */
const SEEN_PART = 0.5;
/** A node that has not succeeded for this part of a session's length cannot tell whether the others were silent. */
const AWAY_PART = 0.5;
/** A node that misses its first sign of life is looked at after this part of a session's length. */
const LOOK_PART = 0.375;
/** Parts of a session's length that the next one of several waits longer before it ends a silent one's session. */
const TURN_PART = 1 / 16;
const TRIES_A_SESSION = 10;
const JOIN_MS_MIN = 10_000;
const JOIN_SESSIONS = 5;
const LEAVE_MS_MAX = 1_000;

/**
 * A node's place in a cluster whose nodes meet in a key-value bucket on JetStream. Succeeds when the node has joined; it leaves when the
 * scope is closed.
 */
export function makeJetStreamCluster(
  options: JetStreamClusterOptions,
): Effect.Effect<Cluster["Service"], JetStreamUnfit | ClusterUnavailable, Scope.Scope> {
  const { connection, clusterId, replicas, bucket = "WEFT_CLUSTER" } = options;
  const sessionMs = Math.max(SESSION_MS_MIN, options.sessionMs ?? SESSION_MS);
  const timeoutMs = sessionMs / 2;
  return Effect.gen(function* () {
    const manager = yield* openJetStream(connection, MANAGER_TIMEOUT_MS);
    const publisher = yield* Effect.acquireRelease(
      Effect.sync(() => new PipelinedPublisher(connection, { timeoutMs })),
      (publisher) => Effect.sync(() => publisher.close()),
    );
    const place = new ClusterBucket({ connection, manager, publisher, bucket, clusterId, replicas, timeoutMs });
    yield* Effect.retry(place.open(), { while: isPassing, schedule: untilThere });
    const node = new ClusterNode(connection, place, options, sessionMs);
    yield* node.start();
    return node.port;
  });
}

/** Servers that have just been started, or a bucket that several nodes make at once, need a moment. */
const untilThere = Schedule.max([Schedule.spaced("100 millis"), Schedule.recurs(JOIN_MS_MIN / 100)]);

function isPassing({ _tag }: ClusterUnavailable | JetStreamUnfit): boolean {
  return _tag === "ClusterUnavailable";
}

class ClusterNode implements SessionListener {
  readonly #bucket: ClusterBucket;
  readonly #sessionMs: number;
  readonly #known: KnownCluster;
  readonly #watch: Watch;
  readonly #leases: Leases;
  readonly #messages: NodeMessages;
  readonly #joined = Deferred.makeUnsafe<void>();
  #record: SessionRecord;
  #session: Session | undefined;
  #toldAtMs = 0;

  constructor(connection: NatsConnection, bucket: ClusterBucket, options: JetStreamClusterOptions, sessionMs: number) {
    const subject = `weft.node.${options.clusterId}`;
    const known = new KnownCluster(sessionMs * UNTOLD_PART, sessionMs * (1 - SEEN_PART));
    this.#known = known;
    this.#bucket = bucket;
    this.#sessionMs = sessionMs;
    this.#record = { name: options.name, isLeaving: false };
    this.#watch = new Watch({ connection, bucket, known, subject, roundMs: sessionMs });
    this.#leases = new Leases({ bucket, known, watch: this.#watch, readMs: sessionMs });
    this.#messages = new NodeMessages(connection, (member) => `${subject}.${member}`);
  }

  /** The port that the others see. */
  get port(): Cluster["Service"] {
    return {
      view: () => this.#known.view,
      onChange: (listener) => this.#known.onChange(listener),
      acquire: (partition) => this.#leases.acquire(partition),
      handOver: (partition, to) => this.#leases.handOver(partition, to),
      confirm: (answer) => this.#confirm(answer),
      leave: () => this.#leave(),
      send: (to, bytes) => this.#messages.send(to, bytes),
      onMessage: (handler) => this.#messages.onMessage(handler),
    };
  }

  /** Joins, and does all that a member has to, for as long as the scope. */
  start(): Effect.Effect<void, ClusterUnavailable, Scope.Scope> {
    const checkMs = this.#sessionMs / CHECKS_A_SESSION;
    const every = (work: Effect.Effect<void>) => Effect.forever(Effect.andThen(Effect.sleep(checkMs), work));
    return Effect.gen({ self: this }, function* () {
      yield* Effect.acquireRelease(Effect.void, () => this.#close());
      yield* this.#watch.start();
      yield* Effect.forkScoped(Effect.forever(this.#live()));
      yield* Effect.forkScoped(every(Effect.suspend(() => this.#check())));
      yield* Effect.forkScoped(every(this.#endSilent()));
      yield* Effect.timeoutOrElse(Deferred.await(this.#joined), {
        duration: Math.max(JOIN_MS_MIN, JOIN_SESSIONS * this.#sessionMs),
        orElse: () => Effect.fail(new ClusterUnavailable({ operation: "join the cluster" })),
      });
      yield* this.#watch.round();
    });
  }

  onAlive(sequence: number, awayMs: number): void {
    const nowMs = performance.now();
    const self = this.#session?.id;
    if (awayMs > this.#sessionMs * AWAY_PART) this.#known.giveEverybodyTime(nowMs);
    if (self === undefined) return;
    this.#known.noteSequence(sequence);
    this.#known.hear(self, sequence, nowMs);
    if (nowMs - this.#toldAtMs < this.#sessionMs / TELLS_A_SESSION) return;
    this.#toldAtMs = nowMs;
    this.#watch.tell(sessionKey(self), sequence, false);
  }

  onEnd(): void {
    this.#session = undefined;
    this.#messages.listenAs(undefined);
    this.#known.leave();
  }

  lastSequence(): number {
    return this.#known.lastSequence;
  }

  #confirm(answer: (outcome: Confirmation) => void): void {
    if (this.#session === undefined) answer("lost");
    else this.#session.confirm(answer);
  }

  /** One session, from joining to its end. */
  #live(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const opened = yield* Effect.result(this.#bucket.open());
      if (opened._tag === "Failure" && opened.failure._tag === "JetStreamUnfit") {
        yield* Effect.logError(opened.failure.message);
      }
      const session = opened._tag === "Success" ? yield* this.#join() : undefined;
      if (session === undefined) return yield* Effect.sleep(this.#sessionMs / TRIES_A_SESSION);
      const fields = { name: this.#record.name, member: session.id };
      yield* Effect.annotateLogs(Effect.logInfo("This node has joined the cluster"), fields);
      yield* Deferred.succeed(this.#joined, undefined);
      yield* Effect.ignore(this.#watch.round());
      yield* session.run();
      yield* Effect.annotateLogs(
        Effect.logWarning(
          "This node's session was ended: it was silent for too long, or the cluster's bucket was lost",
        ),
        fields,
      );
    });
  }

  #join(): Effect.Effect<Session | undefined> {
    return Effect.gen({ self: this }, function* () {
      const id = crypto.randomUUID();
      const record = this.#record;
      const parts = { id, bucket: this.#bucket, sessionMs: this.#sessionMs, listener: this };
      const session = new Session(parts, record);
      this.#messages.listenAs(id); // before anybody knows whom to write to
      if (!(yield* session.begin())) {
        this.#messages.listenAs(undefined);
        return undefined;
      }
      this.#session = session;
      if (record !== this.#record) session.put(this.#record);
      this.#known.giveEverybodyTime(performance.now());
      this.#known.join(id, record, session.sequence, performance.now());
      this.#watch.tell(sessionKey(id), session.sequence, true);
      return session;
    });
  }

  #check(): Effect.Effect<void> {
    this.#session?.tick(this.#sessionMs / SIGNS_A_SESSION * 0.9);
    const faults = this.#messages.tidy(performance.now());
    if (faults === undefined) return Effect.void;
    return Effect.annotateLogs(Effect.logWarning("Messages between nodes were dropped"), { ...faults });
  }

  /** Ends the sessions of those who gave no sign of life while this node did. */
  #endSilent(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const nowMs = performance.now();
      const session = this.#session;
      if (session === undefined || nowMs - session.aliveAtMs > this.#sessionMs * AWAY_PART) return Effect.void;
      const lookMs = this.#sessionMs * LOOK_PART;
      const silent = new Set(this.#known.silentFor(lookMs, nowMs));
      const turn = this.#known.memberIds.filter((id) => !silent.has(id)).sort().indexOf(session.id);
      const looks = this.#known.toLookAt(lookMs, nowMs).map((id) => this.#watch.read(sessionKey(id)));
      const periodMs = this.#sessionMs * (1 + turn * TURN_PART);
      const ends = this.#known.silentFor(periodMs, nowMs).map((id) => this.#endSession(id, periodMs));
      return Effect.forEach([...looks, ...ends], (work) => Effect.ignore(work), { discard: true });
    });
  }

  #endSession(id: MemberId, periodMs: number): Effect.Effect<void, ClusterUnavailable> {
    const key = sessionKey(id);
    return Effect.gen({ self: this }, function* () {
      yield* this.#watch.read(key);
      const sequence = this.#known.sequenceOf(id);
      if (sequence === undefined || !this.#known.silentFor(periodMs, performance.now()).includes(id)) return; // gone, or alive
      const name = this.#known.view.members.find((member) => member.id === id)?.name ?? "";
      const outcome = yield* this.#bucket.write(key, undefined, sequence);
      if (typeof outcome !== "number") return; // it is alive, or the next round finds out
      this.#known.removeMember(id);
      this.#watch.tell(key, outcome, true);
      yield* Effect.annotateLogs(
        Effect.logWarning("A node gave no sign of life: its session was ended"),
        { name, member: id },
      );
    });
  }

  #leave(): Effect.Effect<void, ClusterUnavailable> {
    return Effect.gen({ self: this }, function* () {
      this.#record = { ...this.#record, isLeaving: true };
      const session = this.#session;
      if (session === undefined) return;
      session.put(this.#record);
      const outcome = yield* Effect.callback<Confirmation>((resume) => {
        session.confirm((outcome) => resume(Effect.succeed(outcome)));
      });
      if (outcome === "unavailable") return yield* new ClusterUnavailable({ operation: "leave the cluster" });
      if (outcome === "lost") return;
      this.#known.putMember(session.id, this.#record, session.sequence, performance.now());
      this.#watch.tell(sessionKey(session.id), session.sequence, true);
    });
  }

  #close(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const session = this.#session;
      if (session !== undefined) {
        const left = yield* Effect.timeoutOption(session.leave(), LEAVE_MS_MAX);
        if (left._tag === "Some" && left.value) this.#watch.tell(sessionKey(session.id), session.sequence, true);
      }
      this.#messages.listenAs(undefined);
    });
  }
}
