/**
 * What one node asks of another: inputs for partitions that the other leads, and their answers back.
 *
 * Calls and answers that come up in one go travel in one message. A message may be lost: a call that is not answered in time has an
 * unknown outcome, and one that may wait for long is sent again under its number, which whoever has it in hand passes over.
 */
import { Buffer } from "node:buffer";
import { Effect } from "effect";
import type { Cluster, MemberId } from "../../cluster/mod.ts";
import { isJsonObject, type Json, type JsonObject, sha256Hex } from "../../values/mod.ts";
import { pauseFor, type WallClock } from "../clock.ts";
import type { DefinitionCache } from "../definition_cache.ts";
import type { Partition } from "../partition/partition.ts";
import type { PartitionInput, Refusal, Reply } from "../partition/partition_input.ts";
import { isPortable, type Portable, portableAnswer } from "./portable.ts";

/** What a call is given to be answered, milliseconds; and how often one that waits for an end is sent again. */
const CALL_MS = 5_000;
const SWEEP_MS = 1_000;
/** How long a member that is gone is listened to, milliseconds. */
const LAST_WORDS_MS = 100;
/** Of the messages. A node of another format does not understand them, and is not believed. */
const FORMAT = 1;
/** Definitions that a member is known to have had, of which only the hash is sent. */
const KNOWN_DEFINITIONS_MAX = 10_000;

/** A question of the nodes among themselves: whether the other has taken in all that the log has. */
interface CatchUp {
  readonly kind: "catchUp";
}

type Call = Portable | CatchUp;

interface Pending {
  readonly to: MemberId;
  readonly partition: number;
  readonly call: Call;
  readonly reply: Reply<never>;
  sentAtMs: number;
  /** Whoever was asked is gone: an answer is waited for a moment longer, once. */
  isLeft?: true;
}

/** One answer on the wire: done, refused, or sent without a definition that the other does not have. */
type Answer =
  | readonly [id: number, is: "done", answer: unknown]
  | readonly [id: number, is: "refused", refusal: Refusal]
  | readonly [id: number, is: "lacksDefinition"];

interface Frame {
  readonly format: number;
  readonly calls: (readonly [id: number, partition: number, call: Call])[];
  readonly answers: Answer[];
}

/** What calls are made with. */
export interface MemberCallsOptions {
  readonly cluster: Cluster["Service"];
  readonly clock: WallClock;
  readonly definitions: DefinitionCache;
  /** Runs something of a member's in this node. */
  readonly fork: (effect: Effect.Effect<void>) => void;
  /** Runs what is to be done once all that goes on now has been. */
  readonly soon: (run: () => void) => void;
}

/** Calls to other members, and those of theirs to this one. */
export class MemberCalls {
  readonly #cluster: Cluster["Service"];
  readonly #clock: WallClock;
  readonly #definitions: DefinitionCache;
  readonly #fork: MemberCallsOptions["fork"];
  readonly #soon: MemberCallsOptions["soon"];
  readonly #partitions: readonly Partition[];
  readonly #pending = new Map<number, Pending>();
  /** Calls of others that are not answered yet. */
  readonly #inHand = new Map<MemberId, Set<number>>();
  readonly #outgoing = new Map<MemberId, Frame>();
  readonly #knownDefinitions = new Map<MemberId, Set<string>>();
  #nextId = 1;
  #self: MemberId | undefined;
  #callOff: (() => void) | undefined;
  /** Milliseconds that have passed, by sweeps and not by wall time. */
  #nowMs = 0;
  #isFlushing = false;

  constructor({ cluster, clock, definitions, fork, soon }: MemberCallsOptions, partitions: readonly Partition[]) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#definitions = definitions;
    this.#fork = fork;
    this.#soon = soon;
    this.#partitions = partitions;
    this.#self = cluster.view().self;
    cluster.onMessage((from, bytes) => this.#receive(from, bytes));
  }

  /** Puts an input before a partition of another member. Other inputs than those that can travel are a defect of the caller. */
  ask(to: MemberId, partition: number, input: PartitionInput): void {
    if (!isPortable(input)) throw new RangeError(`An input of kind "${input.kind}" cannot be sent to another node`);
    const { reply, ...call } = input;
    this.#send(to, partition, call as Portable, reply as Reply<never>);
  }

  /** True when the member has taken in all that the partition's log had when it was asked, or more. */
  catchUp(to: MemberId, partition: number): Effect.Effect<boolean> {
    return Effect.callback<boolean>((resume) =>
      this.#send(to, partition, { kind: "catchUp" }, {
        succeed: () => resume(Effect.succeed(true)),
        refuse: () => resume(Effect.succeed(false)),
      })
    );
  }

  /** To be called after each change of the cluster's view: who is gone answers no more. */
  onView(): void {
    const { self, members } = this.#cluster.view();
    const alive = new Set(members.map(({ id }) => id));
    const isOther = self !== this.#self;
    this.#self = self;
    for (const [id, call] of this.#pending) {
      if (isOther) this.#lose(id, call);
      else if (!alive.has(call.to)) this.#loseLater(id, call);
    }
    for (const id of [...this.#inHand.keys()]) if (!alive.has(id)) this.#inHand.delete(id);
    for (const id of [...this.#knownDefinitions.keys()]) if (!alive.has(id)) this.#knownDefinitions.delete(id);
  }

  /** Whoever waits is told that the outcome is unknown. */
  close(): void {
    this.#callOff?.();
    for (const [id, call] of this.#pending) this.#lose(id, call);
  }

  #send(to: MemberId, partition: number, call: Call, reply: Reply<never>): void {
    const id = this.#nextId++;
    this.#pending.set(id, { to, partition, call, reply, sentAtMs: this.#nowMs });
    this.#put(id, to, partition, call);
    this.#callOff ??= this.#clock.after(SWEEP_MS, () => this.#sweep());
  }

  #put(id: number, to: MemberId, partition: number, call: Call): void {
    this.#frameFor(to).calls.push([id, partition, this.#onWire(to, call)]);
  }

  /** A definition that the member has seen before is not sent again, and an end is asked for on its own: that can be repeated. */
  #onWire(to: MemberId, call: Call): Call {
    if (call.kind !== "start") return call;
    let known = this.#knownDefinitions.get(to);
    if (known === undefined) this.#knownDefinitions.set(to, known = new Set());
    const { hash } = call.workflow;
    if (known.has(hash)) return { ...call, definitionText: "", untilEnded: false };
    if (known.size >= KNOWN_DEFINITIONS_MAX) known.clear();
    known.add(hash);
    return { ...call, untilEnded: false };
  }

  #frameFor(to: MemberId): Frame {
    let frame = this.#outgoing.get(to);
    if (frame === undefined) this.#outgoing.set(to, frame = { format: FORMAT, calls: [], answers: [] });
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      this.#soon(() => this.#flush());
    }
    return frame;
  }

  #flush(): void {
    this.#isFlushing = false;
    for (const [to, frame] of this.#outgoing) this.#cluster.send(to, Buffer.from(JSON.stringify(frame)));
    this.#outgoing.clear();
  }

  #sweep(): void {
    this.#callOff = undefined;
    this.#nowMs += SWEEP_MS;
    for (const [id, call] of this.#pending) {
      if (this.#nowMs - call.sentAtMs < CALL_MS) {
        // A member that has just joined may not have listened yet.
        if (call.call.kind === "catchUp") this.#put(id, call.to, call.partition, call.call);
        continue;
      }
      if (!waits(call.call)) this.#lose(id, call);
      else {
        call.sentAtMs = this.#nowMs;
        this.#put(id, call.to, call.partition, call.call);
      }
    }
    if (this.#pending.size > 0) this.#callOff = this.#clock.after(SWEEP_MS, () => this.#sweep());
  }

  /** Who has left in order may have answered, and the answer be on its way still. */
  #loseLater(id: number, call: Pending): void {
    if (call.isLeft === true) return;
    call.isLeft = true;
    this.#clock.after(LAST_WORDS_MS, () => {
      if (this.#pending.get(id) === call) this.#lose(id, call);
    });
  }

  #lose(id: number, { to, partition, reply }: Pending): void {
    this.#pending.delete(id);
    const message = `The leader of partition ${partition} (${to}) did not answer: the outcome is unknown, ask again`;
    reply.refuse({ code: "Unavailable", message, outcome: "unknown" });
  }

  #receive(from: MemberId, bytes: Uint8Array): void {
    const frame = frameOf(bytes);
    if (frame === undefined) return;
    for (const answer of frame.answers) this.#answered(from, answer);
    for (const [id, partition, call] of frame.calls) this.#called(from, id, partition, call);
  }

  #answered(from: MemberId, [id, is, told]: Answer): void {
    const pending = this.#pending.get(id);
    if (pending === undefined || pending.to !== from) return;
    if (is === "lacksDefinition") {
      if (pending.call.kind === "start") this.#knownDefinitions.get(from)?.delete(pending.call.workflow.hash);
      return this.#put(id, from, pending.partition, pending.call);
    }
    this.#pending.delete(id);
    if (is === "done") (pending.reply as Reply<unknown>).succeed(told);
    else pending.reply.refuse(told);
  }

  #called(from: MemberId, id: number, partition: number, call: Call): void {
    let inHand = this.#inHand.get(from);
    if (inHand === undefined) this.#inHand.set(from, inHand = new Set());
    if (inHand.has(id)) return;
    inHand.add(id);
    const answer = (told: Answer) => {
      inHand.delete(id);
      this.#frameFor(from).answers.push(told);
    };
    const refuse = (refusal: Refusal) => answer([id, "refused", refusal]);
    const home = this.#partitions[partition];
    if (home === undefined) return refuse({ code: "Internal", message: `There is no partition ${partition}` });
    if (call.kind === "catchUp") return this.#caughtUp(home, answer, id);
    const input = this.#inputOf(call, {
      succeed: (told) => answer([id, "done", portableAnswer(call.kind, told)]),
      refuse,
    });
    if (input === "lacksDefinition") return answer([id, "lacksDefinition"]);
    if (input === undefined) return refuse({ code: "Internal", message: "A call that this node does not know" });
    home.offer(input);
  }

  #inputOf(call: Portable, reply: Reply<never>): PartitionInput | "lacksDefinition" | undefined {
    const input = { ...call, reply } as PartitionInput;
    if (!isPortable(input)) return undefined;
    if (input.kind !== "start") return input;
    const { workflow: { hash }, definitionText: text } = input;
    if (text === "") {
      const definitionText = this.#definitions.text(hash);
      return definitionText === undefined ? "lacksDefinition" : { ...input, definitionText };
    }
    if (sha256Hex(text) !== hash) return undefined;
    this.#definitions.keepText(hash, text);
    return input;
  }

  #caughtUp(home: Partition, answer: (told: Answer) => void, id: number): void {
    const { kind } = home.status();
    if (kind !== "following" && kind !== "starting") {
      return answer([id, "refused", { code: "Unavailable", message: "It does not follow yet" }]);
    }
    const isIn = Effect.raceFirst(Effect.as(home.caughtUp, true), Effect.as(pauseFor(this.#clock, CALL_MS), false));
    this.#fork(Effect.map(isIn, (hasCaughtUp) =>
      answer(
        hasCaughtUp ? [id, "done", true] : [id, "refused", { code: "Unavailable", message: "It has not caught up" }],
      )));
  }
}

/** It is answered when an execution ends, which may be never. */
function waits(call: Call): boolean {
  return call.kind === "read" && call.untilEnded;
}

/** A message of another node; `undefined` for what is none, or of another format. */
function frameOf(bytes: Uint8Array): Frame | undefined {
  try {
    const frame = JSON.parse(Buffer.from(bytes).toString());
    return isFrame(frame) ? frame : undefined;
  } catch {
    return undefined;
  }
}

function isFrame(frame: Json | Frame): frame is Frame {
  if (!isJsonObject(frame as Json)) return false;
  const { format, calls, answers } = frame as JsonObject;
  if (format !== FORMAT || !Array.isArray(calls) || !Array.isArray(answers)) return false;
  const isCall = (call: Json) =>
    Array.isArray(call) && typeof call[0] === "number" && typeof call[1] === "number" && isJsonObject(call[2] ?? null);
  const isAnswer = (answer: Json) => Array.isArray(answer) && typeof answer[0] === "number";
  return calls.every(isCall) && answers.every(isAnswer);
}
