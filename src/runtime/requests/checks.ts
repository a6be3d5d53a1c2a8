/** Checks of what a request says, before anything else is done with it. */
import { Result } from "effect";
import {
  type ExecutionId,
  isDeeperThan,
  isExecutionIdOf,
  isSegment,
  type Json,
  type Limits,
  payloadBytes,
  type Space,
} from "../../values/mod.ts";
import { type ApiCode, RequestRefused } from "../engine.ts";

/** What was asked, or why it is refused. */
export type Checked<T> = Result.Result<T, RequestRefused>;

/** A refusal with this code. */
export function refused(code: ApiCode, message: string): RequestRefused {
  return new RequestRefused({ code, message });
}

/** Why a request is refused: the first of its checks that failed. Checks are cheap, and most requests pass all of them. */
export function firstRefusal(...checks: readonly (Checked<unknown> | undefined)[]): RequestRefused | undefined {
  for (const check of checks) if (check !== undefined && Result.isFailure(check)) return check.failure;
  return undefined;
}

const refuse = (code: ApiCode, message: string) => Result.fail(refused(code, message));

/** Names of workflows: 1–80 characters without white space, control characters and the ones that AWS forbids. */
// deno-lint-ignore no-control-regex -- they are what is refused
const namePattern = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]+$/u;
const KEY_CHARACTERS_MAX = 256;

/** A tenant and namespace that can be. */
export function checkSpace(space: Space): Checked<Space> {
  for (const [what, value] of [["tenant", space.tenant], ["namespace", space.namespace]] as const) {
    if (!isSegment(value)) {
      return refuse("InvalidArgument", `Expected a ${what} of 1 to 64 letters, digits, "_" or "-", but got "${value}"`);
    }
  }
  return Result.succeed({ tenant: space.tenant, namespace: space.namespace });
}

/** A name that a workflow can have. */
export function checkName(name: string, limits: Limits): Checked<string> {
  if (name.length >= 1 && name.length <= limits.nameCharactersMax && namePattern.test(name)) {
    return Result.succeed(name);
  }
  return refuse(
    "InvalidArgument",
    `Expected a workflow's name of 1 to ${limits.nameCharactersMax} characters without spaces and special characters, but got "${name}"`,
  );
}

/** An idempotency key that can be. */
export function checkKey(key: string): Checked<string> {
  return key.length >= 1 && key.length <= KEY_CHARACTERS_MAX
    ? Result.succeed(key)
    : refuse("InvalidArgument", `Expected a key of 1 to ${KEY_CHARACTERS_MAX} characters, but it has ${key.length}`);
}

/** A payload within its limit. @param what names it in the message */
export function checkPayload(what: string, payload: Json, limits: Limits): Checked<Json> {
  const bytes = payloadBytes(payload);
  return bytes <= limits.payloadBytesMax
    ? Result.succeed(payload)
    : refuse("PayloadTooLarge", `Expected ${what} of at most ${limits.payloadBytesMax} bytes, but it has ${bytes}`);
}

/** A payload from outside, which need not have come as text: as {@link checkPayload}, and no deeper than is allowed. */
export function checkGivenPayload(what: string, payload: Json, limits: Limits): Checked<Json> {
  const { jsonDepthMax } = limits;
  return isDeeperThan(payload, jsonDepthMax)
    ? refuse("InvalidArgument", `Expected ${what} that nests at most ${jsonDepthMax} levels deep, but it is deeper`)
    : checkPayload(what, payload, limits);
}

/** A text within its limit. @param what names it in the message */
export function checkText(what: string, text: string, charactersMax: number): Checked<string> {
  return text.length <= charactersMax
    ? Result.succeed(text)
    : refuse("InvalidArgument", `Expected ${what} of at most ${charactersMax} characters, but it has ${text.length}`);
}

/** An execution's id of this very space. One of another space does not exist here, and nothing more is said. */
export function checkExecutionId(space: Space, id: string): Checked<ExecutionId> {
  return isExecutionIdOf(space, id) ? Result.succeed(id) : refuse("NotFound", `Execution "${id}" does not exist`);
}

/** An execution's id of a space that can be. */
export function checkExecution(
  { executionId, ...space }: Space & { readonly executionId: string },
): Checked<ExecutionId> {
  return Result.flatMap(checkSpace(space), (known) => checkExecutionId(known, executionId));
}

/** ISO 8601 with a zone, as unix milliseconds. */
export function checkInstant(what: string, text: string): Checked<number> {
  const epochMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : NaN;
  return Number.isNaN(epochMs)
    ? refuse(
      "InvalidArgument",
      `Expected ${what} as ISO 8601 with a zone, such as 2030-01-31T12:00:00Z, but got "${text}"`,
    )
    : Result.succeed(epochMs);
}

/** Page size: `limit`, or 100; at most 1,000. */
export function checkLimit(limit: number | undefined): Checked<number> {
  const wanted = limit ?? 100;
  return Number.isInteger(wanted) && wanted >= 1 && wanted <= 1_000
    ? Result.succeed(wanted)
    : refuse("InvalidArgument", `Expected a limit from 1 to 1000, but got ${wanted}`);
}
