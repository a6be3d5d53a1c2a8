/**
 * When something is due: `rate(5 minutes)`, `cron(0 9 ? * MON-FRI *)`, `at(2026-12-24T18:00:00)`, as EventBridge Scheduler writes it.
 *
 * Croner reads the fields of cron, and counts in UTC alone: what its times are in a zone is told here, by AWS's rule for the two days
 * a year when clocks are changed. A time that clocks leap over is left out; one that they show twice is due the first time.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
import { Cron } from "croner";
import { Result } from "effect";
import { instantOf, isTimeZone, wallTime } from "./zoned_time.ts";

/** A schedule's expression in its time zone. Pure. */
export interface Expression {
  /** The first instant after this one at which it is due, Unix milliseconds; `undefined`: never again. */
  nextAfter(epochMs: number): number | undefined;
}

const EXPRESSION_LENGTH_MAX = 256;
/** How many times of a cron expression are looked at for one that the zone's clocks show later than now. */
const LOOKED_AT_MAX = 10_000;
const unitMs = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
/** Longest interval of a rate: longer than anybody will wait, and far from where numbers end. */
const RATE_MS_MAX = 100 * 366 * unitMs.day;

/**
 * Reads an expression, or says what is wrong with it.
 *
 * @param zone name of the time zone that `cron` and `at` are told in
 * @param sinceEpochMs when the first interval of a `rate` begins: it is due then
 */
export function parseExpression(
  text: string,
  zone: string,
  sinceEpochMs: number,
): Result.Result<Expression, string> {
  if (!isTimeZone(zone)) return Result.fail(`Expected a time zone such as Europe/Zurich, but got "${zone}"`);
  if (text.length > EXPRESSION_LENGTH_MAX) {
    return Result.fail(`Expected a schedule expression of at most ${EXPRESSION_LENGTH_MAX} characters`);
  }
  const [, kind, inner = ""] = /^(rate|cron|at)\(([^()]*)\)$/.exec(text) ?? [];
  if (kind === "rate") return rate(inner.trim(), sinceEpochMs);
  if (kind === "at") return once(inner.trim(), zone);
  if (kind === "cron") return cron(inner.trim(), zone);
  return Result.fail(`Expected rate(…), cron(…) or at(…), but got "${text}"`);
}

function rate(inner: string, sinceEpochMs: number): Result.Result<Expression, string> {
  const [, count = "", unit = ""] = /^([1-9][0-9]{0,8}) (second|minute|hour|day)s?$/.exec(inner) ?? [];
  const each = Number(count) * (isUnit(unit) ? unitMs[unit] : 0);
  if (each === 0 || each > RATE_MS_MAX) {
    return Result.fail(`Expected a rate such as rate(5 minutes), but got "rate(${inner})"`);
  }
  return Result.succeed({
    nextAfter: (epochMs) =>
      epochMs < sinceEpochMs ? sinceEpochMs : sinceEpochMs + (Math.floor((epochMs - sinceEpochMs) / each) + 1) * each,
  });
}

function isUnit(text: string): text is keyof typeof unitMs {
  return Object.hasOwn(unitMs, text);
}

function once(inner: string, zone: string): Result.Result<Expression, string> {
  const wallMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(inner) ? Date.parse(`${inner}Z`) : NaN;
  // The 30th of February is read as a day of March.
  const isThere = !Number.isNaN(wallMs) && new Date(wallMs).toISOString().startsWith(inner);
  const instant = isThere ? instantOf(zone, wallMs) : undefined;
  if (instant === undefined) {
    return Result.fail(
      `Expected a time such as at(2026-12-24T18:00:00) that there is in ${zone}, but got "at(${inner})"`,
    );
  }
  return Result.succeed({ nextAfter: (epochMs) => epochMs < instant ? instant : undefined });
}

/** Largest value of each field. @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based */
const fieldsMax = [59, 23, 31, 12, 7, 2199] as const;
const FIELD = /^[A-Za-z0-9*?,/#-]{1,128}$/;

function cron(inner: string, zone: string): Result.Result<Expression, string> {
  const refused = (why: string) =>
    Result.fail(`Expected a cron expression of AWS's six fields: ${why}: "cron(${inner})"`);
  const fields = inner.split(/ +/);
  if (fields.length !== fieldsMax.length) return refused(`there are ${fields.length}`);
  const bad = fields.find((field) => !FIELD.test(field));
  if (bad !== undefined) return refused(`"${bad}" is none`);
  const [minutes = "", hours = "", days = "", months = "", weekdays = "", years = ""] = fields;
  if ((days === "?") === (weekdays === "?")) {
    return refused("of day-of-month and day-of-week one must be ?, and one not");
  }
  if ([minutes, hours, months, years].includes("?")) return refused("? stands for a day alone");
  if (/(^|[,-])(0|[89]|\d\d)/.test(weekdays)) return refused("weekdays are 1 to 7 or SUN to SAT");
  const pattern = ["0", ...[minutes, hours, days, months, lastWeekday(weekdays), years].map(stepsFrom)].join(" ");
  let times: Cron;
  try {
    times = new Cron(pattern, { timezone: "UTC", alternativeWeekdays: true, mode: "7-part", paused: true });
  } catch (failure) {
    return refused(failure instanceof Error ? failure.message : String(failure));
  }
  return Result.succeed({ nextAfter: (epochMs) => nextOf(times, zone, epochMs) });
}

function nextOf(times: Cron, zone: string, epochMs: number): number | undefined {
  let wall = new Date(wallTime(zone, epochMs));
  for (let looked = 0; looked < LOOKED_AT_MAX; looked++) {
    const next = times.nextRun(wall);
    if (next === null) return undefined;
    const instant = instantOf(zone, next.getTime());
    if (instant !== undefined && instant > epochMs) return instant;
    wall = next;
  }
  return undefined;
}

/** `5L`, the month's last Thursday, as Croner writes it; `L` alone is the last day of the week. */
function lastWeekday(field: string): string {
  return field === "L" ? "7" : field.replace(/^([1-7]|[A-Za-z]{3})L$/, "$1#L");
}

/** `0/15` begins at 0 and goes on to the field's end. */
function stepsFrom(field: string, index: number): string {
  return field.replace(/(^|,)(\d+|[A-Za-z]{3})\/(?=\d)/g, `$1$2-${fieldsMax[index]}/`);
}
