/** What becomes of children's outputs in the Map state's own result. */
import { Effect } from "effect";
import type { ExecutionDetail } from "../../runtime/mod.ts";
import { isJsonObject, type Json, type JsonObject, payloadBytes, present } from "../../values/mod.ts";
import { MapRunFailed } from "./map_run_failed.ts";
import type { ChildNames, MapRunNames } from "./map_run_names.ts";
import { endOf } from "./progress.ts";

/** How results are shown: with all that is known of the child, as its output alone, or with arrays made flat. */
export type Transformation = "NONE" | "COMPACT" | "FLATTEN";

/** `WriterConfig` of an evaluated `ResultWriter`. */
export function writerConfig(
  resultWriter: Json | undefined,
  otherwise: Transformation,
): { readonly transformation: Transformation; readonly isLines: boolean } {
  const config = isJsonObject(resultWriter) ? resultWriter["WriterConfig"] : undefined;
  const { Transformation: wanted, OutputType } = isJsonObject(config) ? config : {};
  const transformation = wanted === "NONE" || wanted === "COMPACT" || wanted === "FLATTEN" ? wanted : otherwise;
  return { transformation, isLines: OutputType === "JSONL" };
}

const awsStatuses = { succeeded: "SUCCEEDED", failed: "FAILED", timedOut: "TIMED_OUT", aborted: "ABORTED" } as const;

/** All that is known of an ended child. */
export function resultWithMetadata(
  names: ChildNames,
  { machineArn }: MapRunNames,
  detail: ExecutionDetail,
): JsonObject {
  const { input, output, error, cause, startedAt, endedAt } = detail;
  const end = endOf(detail);
  return {
    ExecutionArn: names.arn,
    Input: JSON.stringify(input),
    InputDetails: { Included: true },
    Name: names.name,
    ...(output === undefined ? {} : { Output: JSON.stringify(output), OutputDetails: { Included: true } }),
    ...present({ Error: error, Cause: cause }),
    RedriveCount: detail.redriveCount,
    ...(end === "succeeded"
      ? {
        RedriveStatus: "NOT_REDRIVABLE",
        RedriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
      }
      : { RedriveStatus: "REDRIVABLE_BY_MAP_RUN" }),
    StartDate: startedAt,
    StateMachineArn: machineArn,
    Status: awsStatuses[end],
    ...present({ StopDate: endedAt }),
  };
}

/** A child that was never started. */
export function pendingResult(names: ChildNames, { machineArn }: MapRunNames, input: Json): JsonObject {
  return {
    ExecutionArn: names.arn,
    Input: JSON.stringify(input),
    InputDetails: { Included: true },
    Name: names.name,
    StateMachineArn: machineArn,
    Status: "PENDING",
  };
}

/** One child's share of the results: more than one where an array is made flat. One that failed is always told of in full. */
export function transformed(
  transformation: Transformation,
  names: ChildNames,
  run: MapRunNames,
  detail: ExecutionDetail,
): readonly Json[] {
  if (transformation === "NONE" || endOf(detail) !== "succeeded") return [resultWithMetadata(names, run, detail)];
  const output = detail.output ?? null;
  return transformation === "FLATTEN" && isList(output) ? output : [output];
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Results as the Map state's own result: an array in the order of the items, as large as a payload may be. */
export class ArrayResults {
  readonly #bytesMax: number;
  #shares: (readonly Json[] | undefined)[] | undefined = [];
  #bytes = 1;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Takes a child's share in. Once they are too large together, nothing is kept any more. */
  add(index: number, share: readonly Json[]): void {
    if (this.#shares === undefined) return;
    for (const result of share) this.#bytes += payloadBytes(result) + 1;
    if (this.#bytes > this.#bytesMax) this.#shares = undefined;
    else this.#shares[index] = share;
  }

  /** Fails with `States.DataLimitExceeded`. */
  all(stateName: string): Effect.Effect<Json, MapRunFailed> {
    if (this.#shares !== undefined) return Effect.succeed(this.#shares.flatMap((share) => share ?? []));
    return Effect.fail(
      new MapRunFailed(
        "States.DataLimitExceeded",
        `The state/task '${stateName}' returned a result with a size exceeding the maximum number of bytes service limit.`,
      ),
    );
  }
}
