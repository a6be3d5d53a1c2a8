/** Text or JSON to a {@link StateMachine}, with every finding on the way. */
import { Buffer } from "node:buffer";
import * as Result from "effect/Result";
import { defaultLimits, isDeeperThan, isJsonObject, type Json, type JsonObject } from "../../values/mod.ts";
import type { DefinitionLimits, Diagnostic, MachineType, QueryLanguage, StateMachine } from "../types.ts";
import { jacksonLocation, parseJsonText } from "../json_text.ts";
import { Fields } from "./fields.ts";
import { Findings } from "./findings.ts";
import { StatesReader } from "./read_states.ts";
import { StateReading } from "./state_reading.ts";
import { queryLanguages } from "./table/field.ts";
import { machineFields, machineShape } from "./table/machines.ts";
import { readFields } from "./table/read_fields.ts";
import type { Mention } from "./variable_scope.ts";

/** Containers within each other in the text of a definition. */
const JSON_DEPTH_MAX = 1_000;

/** All findings, and the machine where there is no error among them. */
export function readDefinition(
  definition: string | Json,
  limits: DefinitionLimits = defaultLimits,
  machineType: MachineType = "STANDARD",
): {
  readonly diagnostics: readonly Diagnostic[];
  readonly machine?: StateMachine;
  /** Variables read, and where. */
  readonly reads: readonly Mention[];
} {
  const findings = new Findings();
  const source = readSource(definition, limits, findings);
  if (source === undefined) return { diagnostics: findings.list, reads: [] };
  const machine = readMachine(new Fields(source, "", findings), limits, machineType);
  const reads = findings.variables.allReads();
  return findings.hasErrors ? { diagnostics: findings.list, reads } : { diagnostics: findings.list, reads, machine };
}

function readSource(definition: string | Json, limits: DefinitionLimits, findings: Findings): JsonObject | undefined {
  const parsed = typeof definition === "string" ? readText(definition, limits, findings) : definition;
  if (parsed !== undefined && typeof definition !== "string" && isDeeperThan(parsed, JSON_DEPTH_MAX)) {
    findings.schema("", `The definition is nested deeper than ${JSON_DEPTH_MAX} levels`);
    return undefined;
  }
  if (parsed === undefined || isJsonObject(parsed)) return parsed;
  findings.error("SCHEMA_VALIDATION_FAILED", undefined, "Definition must be a valid JSON object");
  return undefined;
}

/** `null`: nothing but blanks. `undefined`: not to be read; why is in the findings. */
function readText(text: string, limits: DefinitionLimits, findings: Findings): Json | undefined {
  if (text.length > limits.definitionBytesMax || Buffer.byteLength(text) > limits.definitionBytesMax) {
    findings.schema("", `The definition is longer than ${limits.definitionBytesMax} bytes`);
    return undefined;
  }
  if (text.trim() === "") return null;
  const parsed = parseJsonText(text, JSON_DEPTH_MAX);
  if (Result.isFailure(parsed)) {
    const { message, place } = parsed.failure;
    const location = jacksonLocation(text, place);
    findings.error("INVALID_JSON_DESCRIPTION", location, `${message}\n at ${location}`);
    return undefined;
  }
  for (const { location, key } of parsed.success.duplicates) {
    const isState = location.endsWith("/States");
    findings.error(
      isState ? "DUPLICATE_STATE_NAME" : "INVALID_JSON_DESCRIPTION",
      `${location}/${key}`,
      isState ? `Duplicate State name: ${key}` : `Duplicate field '${key}'`,
    );
  }
  return parsed.success.value;
}

function readMachine(fields: Fields, limits: DefinitionLimits, machineType: MachineType): StateMachine {
  fields.require("States", "StartAt");
  fields.only((field) => Object.hasOwn(machineShape.fields, field));
  const language = readLanguage(fields);
  const reader = new StatesReader(language, limits, fields.findings);
  const container = { nesting: 0, machineType };
  const states = reader.readContainer(fields, container);
  fields.findings.variables.check(fields.findings);
  const reading = new StateReading(fields, language, machineType, (inner) => reader.readContainer(inner, container));
  return {
    ...states,
    ...readFields({ fields: machineFields }, reading, fields),
    QueryLanguage: language,
    allStates: reader.allStates,
    source: fields.object,
  };
}

function readLanguage(fields: Fields): QueryLanguage {
  fields.oneOf("QueryLanguage", queryLanguages);
  const given = fields.value("QueryLanguage");
  return given === undefined || given === "JSONPath" ? "JSONPath" : "JSONata";
}

/** The machine, or all findings. Never throws, whatever comes in. */
export function parseDefinition(
  definition: string | Json,
  limits?: DefinitionLimits,
): Result.Result<StateMachine, readonly Diagnostic[]> {
  const { diagnostics, machine } = readDefinition(definition, limits);
  return machine === undefined ? Result.fail(diagnostics) : Result.succeed(machine);
}

/** Every finding, warnings included; empty when there is none. Express machines may not wait for tokens, jobs and activities. */
export function validateDefinition(
  definition: string | Json,
  machineType: MachineType = "STANDARD",
  limits?: DefinitionLimits,
): readonly Diagnostic[] {
  return readDefinition(definition, limits, machineType).diagnostics;
}
