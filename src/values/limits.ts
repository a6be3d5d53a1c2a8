/**
 * Everything that has a limit: AWS's figure where AWS has one. Each is a setting of a home, and `docs/limits.md` is made from this table.
 */

/** A limit as a setting: whole numbers from `min` to `max`, both included. */
export interface LimitSetting {
  readonly default: number;
  readonly min: number;
  /** Where the default is the most: more would not fit into the log, or be too deep for the language's own recursion. */
  readonly max: number;
  /** What is limited, and in which unit. */
  readonly what: string;
}

const YEAR_SECONDS = 31_536_000;

/** The table: for each limit its default, its range, and what it means. */
export const limitSettings = {
  /** Largest input, output or variable set of an execution or state, bytes of JSON as UTF-8. */
  payloadBytesMax: {
    default: 262_144,
    min: 1_024,
    max: 262_144,
    what: "largest input, output or set of variables of an execution or state: bytes of JSON as UTF-8",
  },
  /** Largest definition, bytes of its JSON text. */
  definitionBytesMax: {
    default: 1_048_576,
    min: 1_024,
    max: 1_048_576,
    what: "largest definition: bytes of its JSON text",
  },
  /** Events in one history; the last of them is the failure. */
  historyEventsMax: {
    default: 25_000,
    min: 25,
    max: 1_000_000,
    what: "events in one history; the last of them is the failure",
  },
  /** Longest life of an execution, seconds. */
  executionSecondsMax: {
    default: YEAR_SECONDS,
    min: 1,
    max: 10 * YEAR_SECONDS,
    what: "longest life of an execution: seconds",
  },
  /** Characters of the name of a workflow, an execution key's namespace entry, a state. */
  nameCharactersMax: { default: 80, min: 1, max: 80, what: "characters of a name" },
  /** Characters of a cause. */
  causeCharactersMax: { default: 32_768, min: 256, max: 32_768, what: "characters of a cause" },
  /** Characters of an error name. */
  errorCharactersMax: { default: 256, min: 64, max: 256, what: "characters of an error's name" },
  /** Characters of a task token. */
  tokenCharactersMax: { default: 2_048, min: 1_024, max: 2_048, what: "characters of a task token" },
  /** States in one definition, nested ones included. */
  statesMax: { default: 10_000, min: 1, max: 100_000, what: "states in one definition, nested ones included" },
  /** Depth of nested Map and Parallel, and of nested JSON in a definition. */
  nestingMax: { default: 50, min: 1, max: 50, what: "Map and Parallel states within each other" },
  /** Depth of nested JSON in payloads. */
  jsonDepthMax: { default: 256, min: 16, max: 256, what: "arrays and objects within each other in a payload" },
  /** Items of one inline Map. */
  mapItemsMax: { default: 100_000, min: 1, max: 1_000_000, what: "items of one inline Map" },
  /** Records of one turn: a turn that reaches it stops and goes on in the next. */
  turnRecordsMax: {
    default: 2_000,
    min: 16,
    max: 100_000,
    what: "records of one turn; it goes on in the next",
  },
  /** Bytes of one turn: a turn that reaches it stops and goes on in the next. */
  turnBytesMax: { default: 262_144, min: 4_096, max: 262_144, what: "bytes of one turn; it goes on in the next" },
  /** Steps of expressions in one turn: a turn that reaches it stops and goes on in the next. */
  turnStepsMax: {
    default: 1_000_000,
    min: 1_000,
    max: 100_000_000,
    what: "steps of expressions in one turn; it goes on in the next",
  },
  /** Bytes of one batch. Must leave room for one full turn below the transport's message size. */
  batchBytesMax: {
    default: 524_288,
    min: 4_096,
    max: 524_288,
    what: "bytes of the turns that are gathered into one batch",
  },
  /** Inputs waiting for one partition; beyond it a caller is told `Unavailable`. */
  partitionInboxMax: {
    default: 20_000,
    min: 1,
    max: 1_000_000,
    what: "requests that wait for one partition; beyond it a caller is told `Unavailable`",
  },
  /** Executions a partition keeps in memory before the idle ones leave. */
  hotExecutionsMax: {
    default: 250,
    min: 1,
    max: 1_000_000,
    what: "executions that a partition keeps in memory before the idle ones leave",
  },
  /** Bytes of JSON of their payloads, all those of a partition: beyond it the idle ones leave as well. */
  hotBytesMax: {
    default: 67_108_864,
    min: 1_048_576,
    max: 68_719_476_736,
    what: "bytes of their payloads; beyond it the idle ones leave as well",
  },
  /** Seconds that an ended execution is kept. */
  retentionSeconds: {
    default: 7_776_000,
    min: 1,
    max: 10 * YEAR_SECONDS,
    what: "how long an execution is kept after its end: seconds",
  },
  /** Seconds that the log keeps what happened; the history of what is kept longer is carried out of it. */
  logSeconds: {
    default: 7_776_000,
    min: 1,
    max: 10 * YEAR_SECONDS,
    what: "how long the log keeps entries, seconds: what is retained longer is carried into the stores first",
  },
  /** Redrives of one execution. */
  redrivesMax: { default: 1_000, min: 0, max: 100_000, what: "redrives of one execution" },
  /** Days after its end in which an execution can be redriven. */
  redrivableDays: { default: 14, min: 0, max: 3_650, what: "days after its end in which an execution can be redriven" },
} satisfies Readonly<Record<string, LimitSetting>>;

/** The value of each limit. */
export type Limits = { readonly [Name in keyof typeof limitSettings]: number };

/** All limits, in the table's order. */
export const limitNames = Object.keys(limitSettings) as readonly (keyof Limits)[];

/** What holds where nothing else is set. */
export const defaultLimits: Limits = valuesBy((name) => limitSettings[name].default);

/** Limits that cannot be, alone or together. The message names them, and says what they must be. */
export class LimitsInvalid extends Error {
  readonly _tag = "LimitsInvalid";
  override readonly name = "LimitsInvalid";
}

/** What must hold between limits, by the name of the one that is set wrongly. */
const relations: readonly {
  readonly name: keyof Limits;
  readonly other: keyof Limits;
  readonly why: string;
  readonly holds: (limits: Limits) => boolean;
}[] = [
  {
    name: "payloadBytesMax",
    other: "turnBytesMax",
    why: "a turn must have room for one payload",
    holds: ({ payloadBytesMax, turnBytesMax }) => payloadBytesMax <= turnBytesMax,
  },
  {
    name: "turnBytesMax",
    other: "batchBytesMax",
    why: "a batch must have room for one full turn",
    holds: ({ turnBytesMax, batchBytesMax }) => turnBytesMax <= batchBytesMax,
  },
  {
    name: "redrivableDays",
    other: "retentionSeconds",
    why: "an execution that was forgotten cannot be redriven",
    holds: ({ redrivableDays, retentionSeconds }) => redrivableDays * 86_400 <= retentionSeconds,
  },
];

/**
 * The defaults, with these instead; `redrivableDays` follows a shorter `retentionSeconds` unless it is set itself.
 *
 * @throws {LimitsInvalid} one is out of its range, or two do not fit together
 */
export function limitsOf(set: Partial<Limits> = {}): Limits {
  const retentionDays = Math.floor((set.retentionSeconds ?? Infinity) / 86_400);
  const limits = valuesBy((name) => {
    const value = set[name] ?? limitSettings[name].default;
    return name === "redrivableDays" && set.redrivableDays === undefined ? Math.min(value, retentionDays) : value;
  });
  for (const name of limitNames) {
    const { min, max } = limitSettings[name];
    const value = limits[name];
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new LimitsInvalid(`Expected ${name} to be a whole number from ${min} to ${max}, but it is ${value}`);
    }
  }
  for (const { name, other, why, holds } of relations) {
    if (!holds(limits)) {
      throw new LimitsInvalid(
        `Expected ${name} (${limits[name]}) to fit ${other} (${limits[other]}): ${why}`,
      );
    }
  }
  return limits;
}

function valuesBy(valueOf: (name: keyof Limits) => number): Limits {
  return Object.fromEntries(limitNames.map((name) => [name, valueOf(name)])) as Limits; // every name of the table is there
}

/** How executions end. */
export const endStatuses = ["Succeeded", "Failed", "Canceled"] as const;
/** How an execution has ended. */
export type EndStatus = (typeof endStatuses)[number];

/** Executions of a workflow, of all where none is named, that ended in a way, or in any. */
export interface RetentionRule {
  readonly workflow?: string;
  readonly status?: EndStatus;
  readonly seconds: number;
}

const RULE = /^(?:(.+):)?([A-Za-z]+|\*)=(\d{1,10})([smhd]?)$/;
const SECONDS_OF: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3_600, d: 86_400 };

/**
 * Reads a rule: `Failed=180d`, `orders:*=7d`, `orders:Failed=30d`. Units are `s` (where none is said), `m`, `h` and `d`.
 *
 * @returns `undefined`: it is none, or its time is out of the range of `retentionSeconds`
 */
export function parseRetention(text: string): RetentionRule | undefined {
  const [, workflow, ending = "", figure = "", unit = ""] = RULE.exec(text) ?? [];
  const status = endStatuses.find((known) => known === ending);
  const seconds = Number(figure) * (SECONDS_OF[unit] ?? NaN);
  const { min, max } = limitSettings.retentionSeconds;
  if ((status === undefined && ending !== "*") || figure === "" || !(seconds >= min && seconds <= max)) {
    return undefined;
  }
  return { seconds, ...(workflow === undefined ? {} : { workflow }), ...(status === undefined ? {} : { status }) };
}

/**
 * How long an execution is kept after its end, seconds. The rule that says most counts: workflow and status, then workflow, then status; of
 * several alike the last.
 */
export function retentionOf(
  rules: readonly RetentionRule[],
  { workflow, status }: { readonly workflow: string; readonly status: string },
  otherwise: number,
): number {
  let most = -1;
  let seconds = otherwise;
  for (const rule of rules) {
    if (rule.workflow !== undefined && rule.workflow !== workflow) continue;
    if (rule.status !== undefined && rule.status !== status) continue;
    const says = (rule.workflow === undefined ? 0 : 2) + (rule.status === undefined ? 0 : 1);
    if (says < most) continue;
    most = says;
    seconds = rule.seconds;
  }
  return seconds;
}
