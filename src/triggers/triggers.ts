/** Triggers as they are asked for: put, shown, listed, deleted. What they do is `trigger_keeper.ts`'s. */
import { Effect, Result } from "effect";
import { ownMachine } from "../aws/mod.ts";
import { type Registry, RequestRefused, type ResourceDescription } from "../runtime/mod.ts";
import { type Limits, present, type Space } from "../values/mod.ts";
import { inputMaker } from "./trigger_input.ts";
import { decodeTrigger, TRIGGER_KIND, type TriggerRecord } from "./trigger_record.ts";

/** A trigger as it is wished. */
export interface PutTriggerRequest extends Space {
  /** 1 to 64 of letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** Kept by a stream; may have wildcards. */
  readonly subject: string;
  /** ARN of a state machine, or a workflow's name. */
  readonly stateMachine: string;
  /** Payload template, JSON text. Default: the message's data, which must be JSON. */
  readonly input?: string;
  /** 1 to 1,000; default 16. */
  readonly concurrency?: number;
  /** 1 to 100; default 5. */
  readonly refusalsMax?: number;
  readonly deadLetterSubject?: string;
  /** Of a trigger that is made now. Default: `new`. */
  readonly from?: "oldest" | "new";
  /** Default: true. */
  readonly isEnabled?: boolean;
  readonly description?: string;
}

/** A trigger as it stands. */
export interface TriggerDescription extends Omit<TriggerRecord, "incarnation"> {
  readonly name: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

const NAME = /^[0-9A-Za-z_.-]{1,64}$/;
const SUBJECT_CHARACTERS_MAX = 256;
const subjectPattern = /^(?:[^\s.*>]+|\*)(?:\.(?:[^\s.*>]+|\*))*(?:\.>)?$/;
const literalPattern = /^[^\s.*>]+(?:\.[^\s.*>]+)*$/;
const ownSubjects = /^(?:\$|_INBOX(?:\.|$)|weft(?:\.|$)|[*>])/i;
const DESCRIPTION_LENGTH_MAX = 512;
const CONCURRENCY = 16;
const CONCURRENCY_MAX = 1_000;
const REFUSALS = 5;
const REFUSALS_MAX = 100;
const TRIGGERS_MAX = 1_000;
const TRIES = 5;

type Answer<T> = Effect.Effect<T, RequestRefused>;

/** The triggers of all spaces. */
export class Triggers {
  readonly #registry: Registry;
  readonly #limits: Limits;
  readonly #uuid: () => string;

  /** @param uuid draws what tells a trigger from an earlier one of its name */
  constructor(registry: Registry, limits: Limits, uuid: () => string = () => crypto.randomUUID()) {
    this.#registry = registry;
    this.#limits = limits;
    this.#uuid = uuid;
  }

  /** Takes a trigger up, or changes it: a changed one goes on where it was, unless its subject is another. */
  put(request: PutTriggerRequest): Answer<TriggerDescription> {
    return Effect.gen({ self: this }, function* () {
      const wished = yield* this.#checked(request);
      for (let tries = 0;; tries++) {
        const before = yield* this.#find(request);
        if (before === undefined) yield* this.#assertRoom(request);
        const value = before === undefined ? wished : changed(decodeTrigger(before.value), wished);
        const outcome = yield* Effect.result(
          this.#registry.putResource({ ...idOf(request), value, expectedRevision: before?.revision ?? 0 }),
        );
        if (Result.isSuccess(outcome)) return described(outcome.success);
        const isBetween = ["AlreadyExists", "InvalidStatus", "NotFound"].includes(outcome.failure.code);
        if (!isBetween || tries >= TRIES) return yield* Effect.fail(outcome.failure);
      }
    });
  }

  describe(request: Space & { readonly name: string }): Answer<TriggerDescription> {
    return Effect.flatMap(
      this.#find(request),
      (found) => found === undefined ? Effect.fail(missing(request.name)) : Effect.succeed(described(found)),
    );
  }

  delete(request: Space & { readonly name: string }): Answer<{ readonly name: string }> {
    if (!NAME.test(request.name)) return Effect.fail(missing(request.name));
    return Effect.mapError(
      Effect.map(this.#registry.deleteResource(idOf(request)), () => ({ name: request.name })),
      (refusal) => refusal.code === "NotFound" ? missing(request.name) : refusal,
    );
  }

  /** By name; a page. */
  list(
    { limit = 100, next = "", ...space }: Space & { readonly limit?: number; readonly next?: string },
  ): Answer<{ readonly triggers: readonly TriggerDescription[]; readonly next?: string }> {
    return Effect.map(this.#all(space), (all) => {
      const fitting = all.filter(({ names: [name = ""] }) => name > next);
      const page = fitting.slice(0, limit).map(described);
      return { triggers: page, ...present({ next: fitting.length > limit ? page.at(-1)?.name : undefined }) };
    });
  }

  #all({ tenant, namespace }: Space): Answer<readonly ResourceDescription[]> {
    return this.#registry.listResources({ tenant, namespace, kind: TRIGGER_KIND, names: [] });
  }

  #assertRoom(space: Space): Answer<void> {
    return Effect.flatMap(
      this.#all(space),
      (all) =>
        all.length < TRIGGERS_MAX ? Effect.void : Effect.fail(
          new RequestRefused({ code: "LimitExceeded", message: `Expected at most ${TRIGGERS_MAX} triggers` }),
        ),
    );
  }

  #find(request: Space & { readonly name: string }): Answer<ResourceDescription | undefined> {
    if (!NAME.test(request.name)) return Effect.succeed(undefined);
    return Effect.catch(
      this.#registry.describeResource(idOf(request)),
      (refusal): Answer<undefined> => refusal.code === "NotFound" ? Effect.succeed(undefined) : Effect.fail(refusal),
    );
  }

  #checked(request: PutTriggerRequest): Answer<TriggerRecord> {
    const { name, subject, stateMachine, input, deadLetterSubject, description } = request;
    const { concurrency = CONCURRENCY, refusalsMax = REFUSALS } = request;
    const maker = inputMaker(input, this.#limits);
    const problem = Result.isFailure(maker) ? maker.failure : firstOf([
      [!NAME.test(name), "Expected a name of 1 to 64 letters, digits, dots, dashes and underscores"],
      [!isSubject(subject, subjectPattern), "Expected a subject of your own that a stream keeps"],
      [
        deadLetterSubject !== undefined && !isSubject(deadLetterSubject, literalPattern),
        "Expected a subject of your own without wildcards for dead letters",
      ],
      [!isWithin(concurrency, CONCURRENCY_MAX), `Expected a concurrency of 1 to ${CONCURRENCY_MAX}`],
      [!isWithin(refusalsMax, REFUSALS_MAX), `Expected refusalsMax of 1 to ${REFUSALS_MAX}`],
      [
        (description ?? "").length > DESCRIPTION_LENGTH_MAX,
        `Expected a description of at most ${DESCRIPTION_LENGTH_MAX} characters`,
      ],
    ]);
    const refused = (message: string) => new RequestRefused({ code: "InvalidArgument", message });
    if (problem !== undefined) return Effect.fail(refused(problem));
    const record: TriggerRecord = {
      ...{ subject, stateMachine, concurrency, refusalsMax },
      ...present({ input, deadLetterSubject, description }),
      from: request.from ?? "new",
      isEnabled: request.isEnabled ?? true,
      incarnation: this.#uuid(),
    };
    return Effect.mapBoth(ownMachine({ scope: { account: request.tenant, region: request.namespace } }, stateMachine), {
      onSuccess: () => record,
      onFailure: ({ message }) => refused(message),
    });
  }
}

/** A trigger of another subject has another consumer. */
function changed(before: TriggerRecord, wished: TriggerRecord): TriggerRecord {
  return before.subject === wished.subject ? { ...wished, from: before.from, incarnation: before.incarnation } : wished;
}

function described({ names: [name = ""], value, createdAtEpochMs, updatedAtEpochMs }: ResourceDescription) {
  const { incarnation: _, ...trigger } = decodeTrigger(value);
  return {
    name,
    ...trigger,
    createdAt: new Date(createdAtEpochMs).toISOString(),
    updatedAt: new Date(updatedAtEpochMs).toISOString(),
  };
}

function idOf({ tenant, namespace, name }: Space & { readonly name: string }) {
  return { tenant, namespace, kind: TRIGGER_KIND, names: [name] };
}

function missing(name: string): RequestRefused {
  return new RequestRefused({ code: "NotFound", message: `Trigger ${name} does not exist.` });
}

function isSubject(text: string, pattern: RegExp): boolean {
  return text.length <= SUBJECT_CHARACTERS_MAX && pattern.test(text) && !ownSubjects.test(text);
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

function firstOf(wrong: readonly (readonly [isWrong: boolean, expected: string])[]): string | undefined {
  return wrong.find(([isWrong]) => isWrong)?.[1];
}
