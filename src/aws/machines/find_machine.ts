/** State machines as they stand: the workflow, what the registry has beside it, and the version that is meant. */
import { Effect, Result } from "effect";
import type { PinnedDefinition, WorkflowDescription } from "../../runtime/mod.ts";
import { type AwsAnswer, given, ifThere, orMissing } from "../answers.ts";
import { type AwsCaller, spaceOf } from "../aws_caller.ts";
import { type AwsScope, type MachineArn, machineArn, parseMachineArn } from "../arns.ts";
import { type AwsFailure, awsFailure } from "../aws_failure.ts";
import {
  decodeAlias,
  decodeMachine,
  decodeVersion,
  machineKinds,
  type MachineRecord,
  type VersionRecord,
} from "./machine_record.ts";

/** A state machine. */
export interface Machine {
  readonly scope: AwsScope;
  readonly name: string;
  /** Without version or alias. */
  readonly arn: string;
  readonly record: MachineRecord;
  /** Of the registry's entry: 0 where there is none, for workflows that were put without the AWS API. */
  readonly recordRevision: number;
  readonly createdAtEpochMs: number;
  readonly workflow: WorkflowDescription;
}

/** The version of a machine that an ARN leads to. */
export interface MachineVersion {
  readonly arn: string;
  readonly record: VersionRecord;
  readonly createdAtEpochMs: number;
}

/** A machine, and the version and alias by which it was asked for. */
export interface MeantMachine {
  readonly machine: Machine;
  readonly version?: MachineVersion;
  readonly aliasArn?: string;
}

/** The failure of a call for a machine that is not there. */
export function machineMissing(arn: string): AwsFailure {
  return awsFailure("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
}

/** What a workflow that the AWS API did not create looks like there. */
export function defaultRecord({ account }: AwsScope): MachineRecord {
  return {
    roleArn: `arn:aws:iam::${account}:role/weft`,
    type: "STANDARD",
    tags: [],
    lastVersion: 0,
    publishedFirst: false,
  };
}

/** The machine of this name, or `undefined`. */
export function machineByName(
  { registry }: AwsCaller,
  scope: AwsScope,
  name: string,
): AwsAnswer<Machine | undefined> {
  return Effect.gen(function* () {
    const space = spaceOf(scope);
    const workflow = yield* ifThere(registry.workflow({ ...space, name }));
    if (workflow === undefined) return undefined;
    const kept = yield* ifThere(registry.describeResource({ ...space, kind: machineKinds.machine, names: [name] }));
    return {
      scope,
      name,
      arn: machineArn(scope, name),
      workflow,
      record: kept === undefined ? defaultRecord(scope) : decodeMachine(kept.value),
      recordRevision: kept?.revision ?? 0,
      createdAtEpochMs: kept?.createdAtEpochMs ?? Date.parse(workflow.createdAt),
    };
  });
}

/** The machine that this ARN names, whatever its qualifier. */
export function machineOf(call: AwsCaller, arn: MachineArn): AwsAnswer<Machine> {
  return Effect.flatMap(
    machineByName(call, arn, arn.name),
    (machine) => machine === undefined ? Effect.fail(machineMissing(arn.arn)) : Effect.succeed(machine),
  );
}

/** The machine of an ARN, whatever its version or alias. Fails with `StateMachineDoesNotExist`, `InvalidArn`, `ValidationException`. */
export function plainMachine(call: AwsCaller, text: string): AwsAnswer<Machine> {
  return Effect.flatMap(given(unlabeled(text)), (arn) => machineOf(call, arn));
}

/** A machine's ARN without a Map's label. */
export function unlabeled(text: string): Result.Result<MachineArn, AwsFailure> {
  return Result.flatMap(parseMachineArn(text), (arn) =>
    arn.label === undefined ? Result.succeed(arn) : Result.fail(
      awsFailure("ValidationException", `Expected a state machine's ARN without a Map's label, but got '${text}'`, {
        reason: "API_DOES_NOT_SUPPORT_LABELED_ARNS",
      }),
    ));
}

/** The machine of an ARN, and the version or alias that it names; an alias chooses its version by weight. */
export function meantMachine(call: AwsCaller, text: string): AwsAnswer<MeantMachine> {
  return Effect.gen(function* () {
    const arn = yield* given(unlabeled(text));
    const machine = yield* machineOf(call, arn);
    if (arn.qualifier === undefined) return { machine };
    if (/^\d+$/.test(arn.qualifier)) {
      return { machine, version: yield* versionOf(call, machine, arn.qualifier, arn.arn) };
    }
    const alias = yield* orMissing(
      call.registry.describeResource({
        ...spaceOf(machine.scope),
        kind: machineKinds.alias,
        names: [machine.name, arn.qualifier],
      }),
      () => machineMissing(arn.arn),
    );
    const number = chosenVersion(decodeAlias(alias.value).routes, call.draws.random());
    return { machine, version: yield* versionOf(call, machine, String(number), arn.arn), aliasArn: arn.arn };
  });
}

function versionOf(call: AwsCaller, machine: Machine, number: string, askedFor: string): AwsAnswer<MachineVersion> {
  const names = [machine.name, number];
  return Effect.map(
    orMissing(
      call.registry.describeResource({ ...spaceOf(machine.scope), kind: machineKinds.version, names }),
      () => machineMissing(askedFor),
    ),
    ({ value, createdAtEpochMs }) => ({
      arn: machineArn(machine.scope, machine.name, number),
      record: decodeVersion(value),
      createdAtEpochMs,
    }),
  );
}

function chosenVersion(
  routes: readonly { readonly version: number; readonly weight: number }[],
  random: number,
): number {
  let rest = random * 100;
  for (const { version, weight } of routes) {
    if (rest < weight) return version;
    rest -= weight;
  }
  return routes.at(-1)?.version ?? 0;
}

/** The definition that a version stands for; absent: the newest. */
export function pinnedBy(version: MachineVersion | undefined): { readonly pinned?: PinnedDefinition } {
  return version === undefined ? {} : { pinned: { revision: version.record.revision, hash: version.record.hash } };
}
