import { Effect } from "effect";
import type { AwsAnswer } from "../answers.ts";
import { type AwsCaller, spaceOf } from "../aws_caller.ts";
import { machineArn } from "../arns.ts";
import { awsFailure } from "../aws_failure.ts";
import type { Machine, MachineVersion } from "./find_machine.ts";
import { decodeVersion, machineKinds, type VersionRecord } from "./machine_record.ts";
import { present } from "../../values/mod.ts";

/** What a client calls the revision of a machine that was never updated. */
export const INITIAL_REVISION = "INITIAL";
/** Versions of one machine at once. */
export const VERSIONS_MAX = 1_000;

/** Every version of a machine, newest first. */
export function versionsOf({ registry }: AwsCaller, machine: Machine): AwsAnswer<readonly MachineVersion[]> {
  return Effect.map(
    registry.listResources({ ...spaceOf(machine.scope), kind: machineKinds.version, names: [machine.name] }),
    (resources) =>
      resources
        .map(({ names, value, createdAtEpochMs }) => ({ number: Number(names[1]), value, createdAtEpochMs }))
        .sort((a, b) => b.number - a.number)
        .map(({ number, value, createdAtEpochMs }) => ({
          arn: machineArn(machine.scope, machine.name, number),
          record: decodeVersion(value),
          createdAtEpochMs,
        })),
  );
}

/**
 * Publishes the machine's present revision as its next version; one that was published already is the answer instead.
 * Numbers rise and are never used again.
 */
export function publishVersion(
  call: AwsCaller,
  machine: Machine,
  description: string | undefined,
): AwsAnswer<MachineVersion> {
  return Effect.gen(function* () {
    const { record, workflow, name, scope } = machine;
    const versions = yield* versionsOf(call, machine);
    const known = versions.find((version) =>
      version.record.revisionId === record.revisionId && version.record.hash === workflow.hash
    );
    if (known !== undefined) return known;
    if (versions.length >= VERSIONS_MAX) {
      return yield* Effect.fail(
        awsFailure(
          "ServiceQuotaExceededException",
          `Number of versions for ${machine.arn} has reached ${VERSIONS_MAX}`,
        ),
      );
    }
    const space = spaceOf(scope);
    const number = record.lastVersion + 1;
    // The number is taken first: a crash in between leaves a gap, never a number twice.
    yield* call.registry.putResource({
      ...space,
      kind: machineKinds.machine,
      names: [name],
      value: { ...record, lastVersion: number },
      expectedRevision: machine.recordRevision,
    });
    const { roleArn, loggingConfiguration, tracingConfiguration, encryptionConfiguration, revisionId } = record;
    const version: VersionRecord = {
      revision: workflow.revision,
      hash: workflow.hash,
      roleArn,
      ...present({ loggingConfiguration, tracingConfiguration, encryptionConfiguration, description, revisionId }),
    };
    const { createdAtEpochMs } = yield* call.registry.putResource({
      ...space,
      kind: machineKinds.version,
      names: [name, String(number)],
      value: version,
      expectedRevision: 0,
    });
    return { arn: machineArn(scope, name, number), record: version, createdAtEpochMs };
  });
}
