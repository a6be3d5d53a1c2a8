/** What a template has for Step Functions: activities, state machines with their definitions as text, versions and aliases. */
import { basename, dirname, join } from "node:path";
import { isJsonObject, type Json, type JsonObject, present } from "../../../values/mod.ts";
import { usageFailure } from "../output/failure.ts";
import { objectAt, type ResolvedTemplate, textOf } from "./resolve_template.ts";
import { isYamlName } from "../input/yaml_name.ts";
import { yamlValue } from "./template_text.ts";

/** A state machine as CreateStateMachine takes it. */
export interface WantedMachine {
  /** Logical id. */
  readonly id: string;
  readonly name: string;
  readonly definition: string;
  readonly type: "STANDARD" | "EXPRESS";
  readonly roleArn: string;
}

/** An alias: each version that it leads to is that of a machine, by the machine's logical id, or an ARN that is there already. */
export interface WantedAlias {
  readonly name: string;
  /** Of the machine. */
  readonly id: string;
}

/** What is to be there. */
export interface WantedResources {
  readonly activities: readonly string[];
  readonly machines: readonly WantedMachine[];
  /** Logical ids of the machines of which a version is published, with its description. */
  readonly versions: ReadonlyMap<string, string | undefined>;
  readonly aliases: readonly WantedAlias[];
}

/** How files that a template names are read: by path, relative to the working folder. */
export type ReadFile = (path: string) => Promise<string>;

const MACHINE_TYPES = new Set<Json>(["AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"]);

/** @param path of the template: files are found beside it. @throws {CliFailure} what cannot be resolved or read */
export async function wantedResources(
  template: ResolvedTemplate,
  path: string,
  readFile: ReadFile,
): Promise<WantedResources> {
  const ids = Object.keys(template.resources).filter((id) => template.isThere(id));
  const ofType = (...types: readonly string[]) =>
    ids.filter((id) => types.includes(String(objectAt(template.resources, id)["Type"])));
  const machines: WantedMachine[] = [];
  const versions = new Map<string, string | undefined>();
  const aliases: WantedAlias[] = [];
  for (const id of ids.filter((id) => MACHINE_TYPES.has(objectAt(template.resources, id)["Type"] ?? null))) {
    const properties = propertiesOf(template, id);
    machines.push(await machineOf(template, id, properties, path, readFile));
    const alias = properties["AutoPublishAlias"];
    if (typeof alias !== "string") continue;
    versions.set(id, undefined);
    aliases.push({ name: alias, id });
  }
  const machineBehind = new Map<string, string>();
  for (const id of ofType("AWS::StepFunctions::StateMachineVersion")) {
    const { StateMachineArn, Description } = propertiesOf(template, id);
    const machine = machineByArn(template, machines, StateMachineArn, id);
    machineBehind.set(id, machine);
    versions.set(machine, typeof Description === "string" ? Description : undefined);
  }
  for (const id of ofType("AWS::StepFunctions::StateMachineAlias")) {
    const given = objectAt(objectAt(template.resources, id), "Properties");
    const version = referredIn(given).map((one) => machineBehind.get(one)).find((one) => one !== undefined);
    if (version === undefined) throw usageFailure(`The alias "${id}" leads to no version of this template`);
    aliases.push({ name: textOf(template.resolve(given["Name"] ?? id), `the name of "${id}"`), id: version });
  }
  const activities = ofType("AWS::StepFunctions::Activity").map((id) => template.nameOf(id));
  return { activities, machines, versions, aliases };
}

function propertiesOf(template: ResolvedTemplate, id: string): JsonObject {
  const properties = template.resolve(objectAt(objectAt(template.resources, id), "Properties"));
  return isJsonObject(properties) ? properties : {};
}

async function machineOf(
  template: ResolvedTemplate,
  id: string,
  properties: JsonObject,
  path: string,
  readFile: ReadFile,
): Promise<WantedMachine> {
  const { StateMachineType, Type, RoleArn, Role } = properties;
  const kind = StateMachineType ?? Type ?? "STANDARD";
  const definition = await definitionOf(id, properties, path, readFile);
  const role = RoleArn ?? Role;
  return {
    id,
    name: template.nameOf(id),
    definition: substituted(definition, objectAt(properties, "DefinitionSubstitutions")),
    type: kind === "EXPRESS" ? "EXPRESS" : "STANDARD",
    roleArn: typeof role === "string" && role !== "" ? role : "arn:aws:iam::123456789012:role/weft",
  };
}

async function definitionOf(
  id: string,
  { DefinitionString, Definition, DefinitionUri, DefinitionS3Location }: JsonObject,
  path: string,
  readFile: ReadFile,
): Promise<string> {
  if (typeof DefinitionString === "string") return DefinitionString;
  const inline = Definition ?? DefinitionString;
  if (inline !== undefined && inline !== null) return JSON.stringify(inline, null, 2);
  const place = DefinitionUri ?? DefinitionS3Location;
  if (typeof place === "string" && !place.startsWith("s3://")) {
    return await definitionFile(join(dirname(path), place), readFile);
  }
  const key = place !== undefined && isJsonObject(place) ? place["Key"] : undefined;
  // What CDK has given to S3 lies beside its template.
  if (typeof key === "string") return await definitionFile(join(dirname(path), `asset.${basename(key)}`), readFile);
  throw usageFailure(`The state machine "${id}" has no definition in the template, nor in a file`);
}

async function definitionFile(path: string, readFile: ReadFile): Promise<string> {
  const text = await readFile(path);
  return isYamlName(path) ? JSON.stringify(yamlValue(text, path), null, 2) : text;
}

/** `${Name}` of `DefinitionSubstitutions`; what is not named there stays. */
function substituted(definition: string, substitutions: JsonObject): string {
  return definition.replace(/\$\{([A-Za-z0-9_.-]+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(substitutions, name) ? substitutions[name] : undefined;
    // Within a text of JSON its characters are escaped as that has them.
    return value === undefined ? whole : JSON.stringify(textOf(value, `the substitution "${name}"`)).slice(1, -1);
  });
}

function machineByArn(
  template: ResolvedTemplate,
  machines: readonly WantedMachine[],
  arn: Json | undefined,
  id: string,
): string {
  const found = machines.find((machine) => template.resolve({ Ref: machine.id }) === arn);
  if (found === undefined) throw usageFailure(`The version "${id}" is of no state machine of this template`);
  return found.id;
}

/** Logical ids that a value refers to. */
function referredIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referredIn);
  if (!isJsonObject(value)) return [];
  const { Ref, "Fn::GetAtt": attribute } = value;
  const first = Array.isArray(attribute) ? attribute[0] : typeof attribute === "string" ? attribute.split(".")[0] : Ref;
  return [
    ...(typeof first === "string" ? [first] : []),
    ...Object.values(value).flatMap((item) => referredIn(item ?? null)),
  ];
}

/** The fields of CreateStateMachine. */
export function creationOf({ name, definition, type, roleArn }: WantedMachine): JsonObject {
  return present({ name, definition, type, roleArn });
}
