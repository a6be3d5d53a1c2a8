import { Effect, Result } from "effect";
import type { AwsAnswer } from "../answers.ts";
import { type AwsCaller, spaceOf } from "../aws_caller.ts";
import { type MachineArn, machineArn, parseMachineArn } from "../arns.ts";
import { type AwsFailure, awsFailure } from "../aws_failure.ts";
import type { Machine } from "./find_machine.ts";
import { type AliasRecord, decodeAlias, machineKinds } from "./machine_record.ts";

/** Aliases of one machine at once. */
export const ALIASES_MAX = 100;

/** An alias of a machine. */
export interface Alias {
  readonly name: string;
  readonly arn: string;
  readonly record: AliasRecord;
  readonly createdAtEpochMs: number;
  readonly updatedAtEpochMs: number;
}

/** Every alias of a machine, by name: so does AWS, whatever its documentation says of time. */
export function aliasesOf({ registry }: AwsCaller, machine: Machine): AwsAnswer<readonly Alias[]> {
  return Effect.map(
    registry.listResources({ ...spaceOf(machine.scope), kind: machineKinds.alias, names: [machine.name] }),
    (resources) =>
      resources.map(({ names: [, name = ""], value, createdAtEpochMs, updatedAtEpochMs }) => ({
        name,
        arn: machineArn(machine.scope, machine.name, name),
        record: decodeAlias(value),
        createdAtEpochMs,
        updatedAtEpochMs,
      })),
  );
}

interface RoutingItem {
  readonly stateMachineVersionArn: string;
  readonly weight: number;
}

/** Routes of one machine, as a request names them. */
export interface Routes {
  readonly machine: MachineArn;
  readonly routes: AliasRecord["routes"];
}

const invalid = (message: string) =>
  Result.fail(awsFailure("ValidationException", message, { reason: "INVALID_ROUTING_CONFIGURATION" }));

/** Checks a routing configuration: versions of one machine, each once, whose weights sum up to 100. */
export function checkRouting(items: readonly RoutingItem[]): Result.Result<Routes, AwsFailure> {
  const texts = items.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
  const shown = `[${texts.join(", ")}]`;
  const arns: MachineArn[] = [];
  for (const text of texts) {
    const arn = parseMachineArn(text);
    if (Result.isFailure(arn)) return Result.fail(arn.failure);
    arns.push(arn.success);
  }
  if (arns.some(({ qualifier = "" }) => !/^\d+$/.test(qualifier))) {
    return invalid(`Routing configuration must contain state machine version ARNs. Received: ${shown}`);
  }
  if (new Set(texts).size < texts.length) {
    return invalid(`Routing configuration must contain distinct state machine version ARNs. Received: ${shown}`);
  }
  const [machine] = arns;
  if (machine === undefined || arns.some((arn) => arn.name !== machine.name || arn.account !== machine.account)) {
    return invalid(`Routing configuration must contain versions of one state machine. Received: ${shown}`);
  }
  const weights = items.map(({ weight }) => weight);
  if (weights.reduce((sum, weight) => sum + weight, 0) !== 100) {
    return invalid(`Sum of routing configuration weights must equal 100. Received: [${weights.join(", ")}]`);
  }
  const routes = arns.map(({ qualifier }, index) => ({ version: Number(qualifier), weight: weights[index] ?? 0 }));
  return Result.succeed({ machine, routes });
}
