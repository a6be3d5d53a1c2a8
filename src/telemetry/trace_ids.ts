/** Ids of traces and spans, made of the ids of what they tell of: whoever knows these knows those, and a trace that is told twice is the same. */
import { type ActivityId, type ExecutionId, sha256Hex, type TaskId } from "../values/mod.ts";

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;

/** The trace of an execution, 32 lower-case hex digits as W3C Trace Context has them. */
export function traceIdOf(id: ExecutionId): string {
  return sha256Hex(id).slice(0, TRACE_ID_DIGITS);
}

/** The span of an execution, of a run of a state or of a task, 16 lower-case hex digits; of an execution's n-th redrive where there was one. */
export function spanIdOf(id: ExecutionId | ActivityId | TaskId, redrive = 0): string {
  return sha256Hex(redrive === 0 ? id : `${id}#${redrive}`).slice(0, SPAN_ID_DIGITS);
}
