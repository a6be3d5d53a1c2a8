import {
  asString,
  executionOfMapRun,
  parseExecutionId,
  type Space,
  timestamp,
  timestampOfString,
} from "../../values/mod.ts";
import { DRIFT_SECONDS_MAX } from "../hlc_source.ts";

/** Clocks of the partitions' nodes may be so far apart, seconds. */
const CLOCKS_APART_SECONDS = 2 * DRIFT_SECONDS_MAX;

/** Where a list of a Map Run's children may end: they begin after the execution that it belongs to. */
export function childrenNotBefore(space: Space, mapRun: string): { readonly notBefore?: string } {
  const hlc = parseExecutionId(executionOfMapRun(space, mapRun) ?? "")?.hlc;
  const began = hlc === undefined ? undefined : timestampOfString(hlc);
  if (began === undefined) return {};
  return { notBefore: asString(timestamp(Math.max(0, began.wallTime - CLOCKS_APART_SECONDS), 0)) };
}
