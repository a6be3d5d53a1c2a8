/** CreateStateMachine, UpdateStateMachine, DescribeStateMachine, ListStateMachines, DeleteStateMachine. */
import { Effect } from "effect";
import {
  type AwsAnswer,
  awsFailure,
  awsTime,
  checkDefinition,
  checkName,
  decodeMachine,
  deleteMachine,
  given,
  type Machine,
  machineArn,
  machineByName,
  machineKinds,
  machineMissing,
  type MachineRecord,
  meantMachine,
  parseMachineArn,
  plainMachine,
  publishVersion,
  shownConfigurations,
  shownReferences,
  spaceOf,
  unconfigured,
} from "../../../aws/mod.ts";
import type { ResourceDescription, WorkflowDescription } from "../../../runtime/mod.ts";
import { canonicalJson, type Json, present, sha256Hex } from "../../../values/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import { TEST_WORKFLOW_PREFIX } from "../test_state/run_task.ts";
import { pageOf, pageWanted } from "../wire/page.ts";
import * as parts from "../wire/request_parts.ts";
import { flag, optional, type Request, required, shape, word } from "../wire/shapes.ts";
import { checkTags } from "../wire/tags.ts";

const configurations = {
  loggingConfiguration: optional(parts.loggingConfiguration),
  tracingConfiguration: optional(parts.tracingConfiguration),
  encryptionConfiguration: optional(parts.encryptionConfiguration),
};

const CreateRequest = shape({
  name: required(parts.name),
  definition: required(parts.definition),
  roleArn: required(parts.arn),
  type: optional(word(["STANDARD", "EXPRESS"])),
  ...configurations,
  tags: optional(parts.tags),
  publish: optional(flag),
  versionDescription: optional(parts.description),
});

const UpdateRequest = shape({
  stateMachineArn: required(parts.arn),
  definition: optional(parts.definition),
  roleArn: optional(parts.arn),
  ...configurations,
  publish: optional(flag),
  versionDescription: optional(parts.description),
});

const DescribeRequest = shape({
  stateMachineArn: required(parts.arn),
  includedData: optional(parts.includedData),
});

const ListRequest = shape({ maxResults: optional(parts.pageSize), nextToken: optional(parts.pageToken) });
const DeleteRequest = shape({ stateMachineArn: required(parts.arn) });

type Configured = Pick<
  Request<typeof UpdateRequest>,
  "loggingConfiguration" | "tracingConfiguration" | "encryptionConfiguration"
>;

/** What a request says of logs, traces and encryption. */
function configured({ loggingConfiguration, tracingConfiguration, encryptionConfiguration }: Configured) {
  return {
    ...(loggingConfiguration === undefined ? {} : { loggingConfiguration: asJson(loggingConfiguration) }),
    ...(tracingConfiguration === undefined ? {} : { tracingConfiguration: asJson(tracingConfiguration) }),
    ...(encryptionConfiguration === undefined ? {} : { encryptionConfiguration: asJson(encryptionConfiguration) }),
  };
}

const asJson = (value: object) => value as { readonly [field: string]: Json };

function create(call: AwsCall, request: Request<typeof CreateRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const { definition, roleArn, type = "STANDARD", publish = false, versionDescription } = request;
    const name = yield* given(checkName(request.name));
    yield* given(parts.checkRoleArn(roleArn));
    yield* given(parts.checkLogging(request.loggingConfiguration));
    const tags = yield* given(checkTags(request.tags ?? []));
    if (!publish && versionDescription !== undefined) {
      return yield* Effect.fail(
        awsFailure("ValidationException", "Version description can only be set when publish is true"),
      );
    }
    yield* checkDefinition(definition, type, call.limits);
    const record: MachineRecord = {
      roleArn,
      type,
      ...configured(request),
      tags,
      lastVersion: 0,
      publishedFirst: publish,
      ...present({ firstVersionDescription: versionDescription }),
    };
    const space = spaceOf(call.scope);
    const existing = yield* machineByName(call, call.scope, name);
    if (existing !== undefined && !isSame(existing, record, definition)) {
      return yield* Effect.fail(
        awsFailure("StateMachineAlreadyExists", `State Machine Already Exists: '${existing.arn}'`),
      );
    }
    const workflow = yield* call.engine.putWorkflow({ ...space, name, definition });
    const kept: ResourceDescription = existing === undefined || existing.recordRevision === 0
      ? yield* call.registry.putResource({ ...space, ...machineNames(name), value: record, expectedRevision: 0 })
      : yield* call.registry.describeResource({ ...space, ...machineNames(name) });
    const machine = machineFrom(call, name, workflow, kept);
    return {
      stateMachineArn: machine.arn,
      creationDate: awsTime(kept.createdAtEpochMs),
      ...(publish ? yield* published(call, machine, versionDescription) : {}),
    };
  });
}

const machineNames = (name: string) => ({ kind: machineKinds.machine, names: [name] });

function machineFrom(
  { scope }: AwsCall,
  name: string,
  workflow: WorkflowDescription,
  { value, revision, createdAtEpochMs }: ResourceDescription,
): Machine {
  return {
    scope,
    name,
    arn: machineArn(scope, name),
    workflow,
    record: decodeMachine(value),
    recordRevision: revision,
    createdAtEpochMs,
  };
}

/**
 * The request that created it came again. Role and tags may differ: AWS then keeps those it has. A workflow that was put without the
 * AWS API is taken over by the request that names its very definition.
 */
function isSame({ record, recordRevision, workflow }: Machine, wanted: MachineRecord, definition: string): boolean {
  if (sha256Hex(definition) !== workflow.hash) return false;
  if (recordRevision === 0) return true;
  const told = (
    { type, publishedFirst, firstVersionDescription = "", loggingConfiguration, ...rest }: MachineRecord,
  ) =>
    canonicalJson([
      type,
      publishedFirst,
      firstVersionDescription,
      loggingConfiguration ?? unconfigured.loggingConfiguration,
      rest.tracingConfiguration ?? unconfigured.tracingConfiguration,
      rest.encryptionConfiguration ?? unconfigured.encryptionConfiguration,
    ]);
  return told(record) === told(wanted);
}

function published(call: AwsCall, machine: Machine, description: string | undefined) {
  return Effect.map(publishVersion(call, machine, description), ({ arn }) => ({ stateMachineVersionArn: arn }));
}

function update(call: AwsCall, request: Request<typeof UpdateRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const { definition, roleArn, publish = false, versionDescription } = request;
    const machine = yield* plainMachine(call, request.stateMachineArn);
    // Versions and aliases are not to be changed.
    if (machine.arn !== request.stateMachineArn) return yield* Effect.fail(machineMissing(request.stateMachineArn));
    yield* given(parts.checkLogging(request.loggingConfiguration));
    const changes = configured(request);
    if (definition === undefined && roleArn === undefined && Object.keys(changes).length === 0) {
      return yield* Effect.fail(
        awsFailure(
          "MissingRequiredParameter",
          "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
        ),
      );
    }
    if (roleArn !== undefined) yield* given(parts.checkRoleArn(roleArn));
    if (definition !== undefined) yield* checkDefinition(definition, machine.record.type, call.limits);
    const space = spaceOf(machine.scope);
    const workflow = definition === undefined
      ? machine.workflow
      : yield* call.engine.putWorkflow({ ...space, name: machine.name, definition });
    const updatedAtEpochMs = call.draws.nowEpochMs();
    const changed = { ...machine.record, ...changes, ...present({ roleArn }) };
    const isChange = workflow.hash !== machine.workflow.hash ||
      canonicalJson(changed) !== canonicalJson(machine.record);
    const revisionId = isChange ? call.draws.uuid() : machine.record.revisionId;
    const kept = yield* call.registry.putResource({
      ...space,
      ...machineNames(machine.name),
      value: { ...changed, ...present({ revisionId }), updatedAtEpochMs },
      expectedRevision: machine.recordRevision,
    });
    const updated = machineFrom({ ...call, scope: machine.scope }, machine.name, workflow, kept);
    return {
      updateDate: awsTime(updatedAtEpochMs),
      ...present({ revisionId }),
      ...(publish ? yield* published(call, updated, versionDescription) : {}),
    };
  });
}

function describe(call: AwsCall, { stateMachineArn, includedData }: Request<typeof DescribeRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const { machine, version } = yield* meantMachine(call, stateMachineArn);
    const { record, workflow, name } = machine;
    const told = version?.record ?? record;
    const definition = includedData === "METADATA_ONLY" ? undefined : yield* call.registry.definitionText({
      ...spaceOf(machine.scope),
      name,
      hash: version?.record.hash ?? workflow.hash,
    });
    const { revisionId } = told;
    const description = version?.record.description;
    return {
      stateMachineArn: version?.arn ?? machine.arn,
      name,
      status: "ACTIVE",
      ...present({ definition }),
      roleArn: told.roleArn,
      type: record.type,
      creationDate: awsTime(version?.createdAtEpochMs ?? machine.createdAtEpochMs),
      ...shownConfigurations(told),
      ...present({ revisionId, description }),
      ...(definition === undefined ? {} : shownReferences(definition)),
    };
  });
}

function listAll(call: AwsCall, request: Request<typeof ListRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const wanted = yield* given(pageWanted("stateMachines", request));
    const space = spaceOf(call.scope);
    const { workflows, next } = yield* call.engine.listWorkflows({
      ...space,
      limit: wanted.size,
      ...present({ next: wanted.after }),
    });
    const machines = yield* Effect.forEach(workflows, ({ name }) => machineByName(call, call.scope, name));
    const { nextToken } = pageOf("stateMachines", next === undefined ? [] : [next, ""], { size: 1 }, (place) => place);
    return {
      stateMachines: machines.flatMap((machine) =>
        machine === undefined || machine.name.startsWith(TEST_WORKFLOW_PREFIX) ? [] : [{
          stateMachineArn: machine.arn,
          name: machine.name,
          type: machine.record.type,
          creationDate: awsTime(machine.createdAtEpochMs),
        }]
      ),
      ...present({ nextToken }),
    };
  });
}

function remove(call: AwsCall, { stateMachineArn }: Request<typeof DeleteRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const arn = yield* given(parseMachineArn(stateMachineArn));
    const machine = yield* machineByName(call, arn, arn.name);
    if (machine !== undefined) yield* deleteMachine(call, machine);
    return {};
  });
}

/** By name. */
export const stateMachineOperations: Readonly<Record<string, Operation>> = {
  CreateStateMachine: operation(CreateRequest, create),
  UpdateStateMachine: operation(UpdateRequest, update),
  DescribeStateMachine: operation(DescribeRequest, describe),
  ListStateMachines: operation(ListRequest, listAll),
  DeleteStateMachine: operation(DeleteRequest, remove),
};
