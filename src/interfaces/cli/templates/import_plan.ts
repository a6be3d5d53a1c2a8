/** What has to be done on a server so that it has what a template has, and doing it. */
import { canonicalJson, type Json, type JsonObject, parseJson, present } from "../../../values/mod.ts";
import type { AwsApiClient } from "./aws_api_client.ts";
import { creationOf, type WantedAlias, type WantedMachine, type WantedResources } from "./template_resources.ts";

/** One line of a plan. */
export interface Step {
  readonly change: "create" | "update" | "keep";
  readonly what: "activity" | "state machine" | "version" | "alias";
  readonly name: string;
}

/** Where the machines are. */
export interface ArnSpace {
  readonly account: string;
  readonly region: string;
}

/** The difference; with `isApplied` it is done as it is found, else nothing is changed. A repeat finds nothing more to do. */
export async function importResources(
  client: AwsApiClient,
  { activities, machines, versions, aliases }: WantedResources,
  space: ArnSpace,
  isApplied: boolean,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (const name of activities) {
    const there = await client.call("DescribeActivity", { activityArn: arnOf(space, `activity:${name}`) });
    if (there === undefined && isApplied) await client.call("CreateActivity", { name });
    steps.push({ change: there === undefined ? "create" : "keep", what: "activity", name });
  }
  const changed = new Set<string>();
  for (const machine of machines) {
    const change = await putMachine(client, machine, space, isApplied);
    if (change !== "keep") changed.add(machine.id);
    steps.push({ change, what: "state machine", name: machine.name });
  }
  const byId = new Map(machines.map((machine) => [machine.id, machine]));
  for (const [id, description] of versions) {
    const machine = byId.get(id);
    if (machine === undefined) continue;
    const stateMachineArn = arnOf(space, `stateMachine:${machine.name}`);
    const known = changed.has(id) ? undefined : await client.call("ListStateMachineVersions", { stateMachineArn });
    const isThere = Array.isArray(known?.["stateMachineVersions"]) && known["stateMachineVersions"].length > 0;
    steps.push({ change: isThere ? "keep" : "create", what: "version", name: machine.name });
    if (!isThere && isApplied) {
      await client.call("PublishStateMachineVersion", { stateMachineArn, ...present({ description }) });
    }
  }
  for (const alias of aliases) {
    const machine = byId.get(alias.id);
    if (machine === undefined) continue;
    steps.push(await putAlias(client, alias, machine, { space, isApplied, isChanged: changed.has(alias.id) }));
  }
  return steps;
}

async function putMachine(
  client: AwsApiClient,
  machine: WantedMachine,
  space: ArnSpace,
  isApplied: boolean,
): Promise<Step["change"]> {
  const stateMachineArn = arnOf(space, `stateMachine:${machine.name}`);
  const there = await client.call("DescribeStateMachine", { stateMachineArn });
  if (there === undefined) {
    if (isApplied) await client.call("CreateStateMachine", creationOf(machine));
    return "create";
  }
  const { definition, roleArn } = machine;
  if (there["roleArn"] === roleArn && sameJson(String(there["definition"]), definition)) return "keep";
  if (isApplied) await client.call("UpdateStateMachine", { stateMachineArn, definition, roleArn });
  return "update";
}

async function putAlias(
  client: AwsApiClient,
  { name }: WantedAlias,
  machine: WantedMachine,
  { space, isApplied, isChanged }: {
    readonly space: ArnSpace;
    readonly isApplied: boolean;
    readonly isChanged: boolean;
  },
): Promise<Step> {
  const stateMachineArn = arnOf(space, `stateMachine:${machine.name}`);
  const shown = `${machine.name}:${name}`;
  const stateMachineAliasArn = `${stateMachineArn}:${name}`;
  const there = await client.call("DescribeStateMachineAlias", { stateMachineAliasArn });
  const listed = await client.call("ListStateMachineVersions", { stateMachineArn, maxResults: 1 });
  const versions = listed?.["stateMachineVersions"] ?? [];
  const [newest] = Array.isArray(versions) ? versions : [];
  const version = (newest as JsonObject | undefined)?.["stateMachineVersionArn"];
  const routing: Json = [{ stateMachineVersionArn: version ?? "", weight: 100 }];
  const isSame = there !== undefined && !isChanged && sameValue(there["routingConfiguration"] ?? null, routing);
  if (isSame) return { change: "keep", what: "alias", name: shown };
  if (isApplied) {
    await (there === undefined
      ? client.call("CreateStateMachineAlias", { name, routingConfiguration: routing })
      : client.call("UpdateStateMachineAlias", { stateMachineAliasArn, routingConfiguration: routing }));
  }
  return { change: there === undefined ? "create" : "update", what: "alias", name: shown };
}

function arnOf({ account, region }: ArnSpace, rest: string): string {
  return `arn:aws:states:${region}:${account}:${rest}`;
}

function sameJson(left: string, right: string): boolean {
  if (left === right) return true;
  try {
    return sameValue(parseJson(left), parseJson(right));
  } catch {
    return false;
  }
}

function sameValue(left: Json, right: Json): boolean {
  return canonicalJson(left) === canonicalJson(right);
}
