/** CreateStateMachineAlias, UpdateStateMachineAlias, DescribeStateMachineAlias, ListStateMachineAliases, DeleteStateMachineAlias. */
import { Effect, Option } from "effect";
import {
  type Alias,
  ALIASES_MAX,
  aliasesOf,
  type AliasRecord,
  type AwsAnswer,
  AwsFailure,
  awsFailure,
  awsTime,
  checkRouting,
  given,
  type Machine,
  machineArn,
  machineKinds,
  machineOf,
  plainMachine,
  type Routes,
  spaceOf,
  unlabeled,
  versionsOf,
} from "../../../aws/mod.ts";
import { canonicalJson, type JsonObject, present } from "../../../values/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import { pageOf, pageWanted } from "../wire/page.ts";
import * as parts from "../wire/request_parts.ts";
import { list, number, optional, type Request, required, shape, structure, text } from "../wire/shapes.ts";

const routing = list(
  structure("RoutingConfigurationListItem", {
    stateMachineVersionArn: required(parts.arn),
    weight: required(number({ min: 0, max: 100 })),
  }),
  { min: 1, max: 2 },
);
const CreateRequest = shape({
  description: optional(parts.description),
  name: required(text({ min: 1, max: 80, pattern: /^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$/ })),
  routingConfiguration: required(routing),
});
const UpdateRequest = shape({
  stateMachineAliasArn: required(parts.arn),
  description: optional(parts.description),
  routingConfiguration: optional(routing),
});
const OneRequest = shape({ stateMachineAliasArn: required(parts.arn) });
const ListRequest = shape({
  stateMachineArn: required(parts.arn),
  nextToken: optional(parts.pageToken),
  maxResults: optional(parts.pageSize),
});

function notFound(arn: string): AwsFailure {
  return awsFailure("ResourceNotFound", `Request references a resource that does not exist: '${arn}'`, {
    resourceName: arn,
  });
}

/** The machine of these routes, all of whose versions are there. */
function routedMachine(call: AwsCall, { machine: arn, routes }: Routes): AwsAnswer<Machine> {
  return Effect.gen(function* () {
    const machine = yield* Effect.mapError(
      machineOf(call, arn),
      (failure) => failure._tag === "AwsFailure" ? notFound(arn.arn) : failure,
    );
    const versions = yield* versionsOf(call, machine);
    for (const { version } of routes) {
      const wanted = machineArn(machine.scope, machine.name, version);
      if (!versions.some((one) => one.arn === wanted)) return yield* Effect.fail(notFound(wanted));
    }
    return machine;
  });
}

function create(call: AwsCall, request: Request<typeof CreateRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const { name, description } = request;
    const routes = yield* given(checkRouting(request.routingConfiguration));
    const machine = yield* routedMachine(call, routes);
    const aliases = yield* aliasesOf(call, machine);
    const value: AliasRecord = { routes: routes.routes, ...present({ description }) };
    const before = aliases.find((alias) => alias.name === name);
    const arn = machineArn(machine.scope, machine.name, name);
    if (before !== undefined) {
      if (canonicalJson(before.record) === canonicalJson(value)) return created(arn, before.createdAtEpochMs);
      return yield* Effect.fail(
        awsFailure(
          "ConflictException",
          `Failed to create alias because an alias with the same name and a different routing configuration already exists.`,
        ),
      );
    }
    if (aliases.length >= ALIASES_MAX) {
      return yield* Effect.fail(
        awsFailure("ServiceQuotaExceededException", `Number of aliases for ${machine.arn} has reached ${ALIASES_MAX}`),
      );
    }
    const { createdAtEpochMs } = yield* call.registry.putResource({
      ...aliasName(machine, name),
      value,
      expectedRevision: 0,
    });
    return created(arn, createdAtEpochMs);
  });
}

const created = (stateMachineAliasArn: string, createdAtEpochMs: number): JsonObject => ({
  stateMachineAliasArn,
  creationDate: awsTime(createdAtEpochMs),
});

function aliasName({ scope, name: machine }: Machine, name: string) {
  return { ...spaceOf(scope), kind: machineKinds.alias, names: [machine, name] };
}

/** The alias that an ARN names. */
function aliasOf(call: AwsCall, text: string): AwsAnswer<{ readonly machine: Machine; readonly alias: Alias }> {
  return Effect.gen(function* () {
    const arn = yield* given(unlabeled(text));
    const machine = yield* Effect.mapError(
      machineOf(call, arn),
      (failure) => failure._tag === "AwsFailure" ? notFound(text) : failure,
    );
    const alias = (yield* aliasesOf(call, machine)).find(({ name }) => name === arn.qualifier);
    return alias === undefined ? yield* Effect.fail(notFound(text)) : { machine, alias };
  });
}

function update(call: AwsCall, request: Request<typeof UpdateRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const { stateMachineAliasArn, description, routingConfiguration } = request;
    if (description === undefined && routingConfiguration === undefined) {
      return yield* Effect.fail(
        awsFailure("ValidationException", "Either description or routingConfiguration must be specified", {
          reason: "MISSING_REQUIRED_PARAMETER",
        }),
      );
    }
    const { machine, alias } = yield* aliasOf(call, stateMachineAliasArn);
    let { routes } = alias.record;
    if (routingConfiguration !== undefined) {
      const wanted = yield* given(checkRouting(routingConfiguration));
      const routed = yield* routedMachine(call, wanted);
      if (routed.arn !== machine.arn) {
        return yield* Effect.fail(
          awsFailure("ValidationException", `Expected versions of ${machine.arn}, but got those of ${routed.arn}`, {
            reason: "INVALID_ROUTING_CONFIGURATION",
          }),
        );
      }
      ({ routes } = wanted);
    }
    const value = { ...alias.record, routes, ...present({ description }) };
    const { updatedAtEpochMs } = yield* call.registry.putResource({ ...aliasName(machine, alias.name), value });
    return { updateDate: awsTime(updatedAtEpochMs) };
  });
}

function describe(call: AwsCall, { stateMachineAliasArn }: Request<typeof OneRequest>): AwsAnswer {
  return Effect.map(aliasOf(call, stateMachineAliasArn), ({ machine, alias }) => ({
    stateMachineAliasArn: alias.arn,
    name: alias.name,
    ...present({ description: alias.record.description }),
    routingConfiguration: alias.record.routes.map(({ version, weight }) => ({
      stateMachineVersionArn: machineArn(machine.scope, machine.name, version),
      weight,
    })),
    creationDate: awsTime(alias.createdAtEpochMs),
    updateDate: awsTime(alias.updatedAtEpochMs),
  }));
}

function listAll(call: AwsCall, request: Request<typeof ListRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const machine = yield* plainMachine(call, request.stateMachineArn);
    const { qualifier } = yield* given(unlabeled(request.stateMachineArn));
    const listName = `aliases ${request.stateMachineArn}`;
    const wanted = yield* given(pageWanted(listName, request));
    const aliases = (yield* aliasesOf(call, machine)).filter(({ record }) =>
      qualifier === undefined || record.routes.some(({ version }) => String(version) === qualifier)
    );
    const { page, nextToken } = pageOf(listName, aliases, wanted, ({ arn }) => arn);
    return {
      stateMachineAliases: page.map(({ arn, createdAtEpochMs }) => created(arn, createdAtEpochMs)),
      ...present({ nextToken }),
    };
  });
}

function remove(call: AwsCall, { stateMachineAliasArn }: Request<typeof OneRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const found = yield* Effect.catchIf(
      Effect.asSome(aliasOf(call, stateMachineAliasArn)),
      (failure) => failure instanceof AwsFailure && failure.code === "ResourceNotFound",
      () => Effect.succeed(Option.none()),
    );
    if (Option.isNone(found)) return {}; // gone already, as AWS has it
    const { machine, alias } = found.value;
    yield* call.registry.deleteResource(aliasName(machine, alias.name));
    return {};
  });
}

/** By name. */
export const aliasOperations: Readonly<Record<string, Operation>> = {
  CreateStateMachineAlias: operation(CreateRequest, create),
  UpdateStateMachineAlias: operation(UpdateRequest, update),
  DescribeStateMachineAlias: operation(OneRequest, describe),
  ListStateMachineAliases: operation(ListRequest, listAll),
  DeleteStateMachineAlias: operation(OneRequest, remove),
};
