/** Times, durations and words as they are shown. */

/** Milliseconds in words that fit a column. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor(ms / 1_000) % 60} s`;
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor(minutes / 60) % 24} h`;
}

/** How long ago a time was. */
export function ago(iso: string, now = Date.now()): string {
  const ms = now - Date.parse(iso);
  return ms < 1_000 ? "now" : `${duration(ms).replace(/ \d+ s$/, "").replace(/\.\d+ s$/, " s")} ago`;
}

/** A time of the day, with the date where it is another one than today's. */
export function moment(time: string | number): string {
  const at = new Date(time);
  const clock = `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  return at.toDateString() === new Date().toDateString() ? clock : `${at.toLocaleDateString("sv")} ${clock}`;
}

/** JSON as it is read. */
export function pretty(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value, undefined, 2);
}

/** A link to an execution. */
export function runLink(executionId: string): string {
  return `#/execution${executionId}`;
}
