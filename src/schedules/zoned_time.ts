/** Wall time in time zones, by the zone data of the runtime. A wall time is told as the milliseconds that UTC would count to it. */

const DAY_MS = 86_400_000;
/** Zones whose format is kept. */
const FORMATS_MAX = 1_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** True for a name of the zone data, such as `Europe/Zurich`, whose days are told by the Gregorian calendar. */
export function isTimeZone(zone: string): boolean {
  try {
    // An offset such as +01:00 is a zone to the runtime, and none to people.
    return /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(zone) && formatOf(zone) !== undefined;
  } catch {
    return false;
  }
}

/** What the clocks of a zone show at an instant. */
export function wallTime(zone: string, epochMs: number): number {
  if (zone === "UTC") return epochMs;
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(epochMs)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) + ((epochMs % 1_000) + 1_000) % 1_000;
}

/** When the clocks of a zone first show a time; `undefined` where they leap over it. */
export function instantOf(zone: string, wallMs: number): number | undefined {
  if (zone === "UTC") return wallMs;
  const instants = [wallMs - DAY_MS, wallMs + DAY_MS]
    .map((around) => wallMs - (wallTime(zone, around) - around))
    .filter((instant) => wallTime(zone, instant) === wallMs);
  return instants.length === 0 ? undefined : Math.min(...instants);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  if (formats.size >= FORMATS_MAX) formats.clear();
  formats.set(zone, format);
  return format;
}
