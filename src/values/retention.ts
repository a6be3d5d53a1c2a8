/** How long executions are kept after their end, where `retentionSeconds` is not to hold for all. */
import { limitSettings } from "./limits.ts";

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
