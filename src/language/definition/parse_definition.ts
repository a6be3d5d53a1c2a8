/** Text or JSON to a {@link StateMachine}, with every finding on the way. */
import { Buffer } from "node:buffer";
import { Result } from "effect";
import { defaultLimits, isJsonObject, type Json, type JsonObject } from "../../values/mod.ts";
import type { Diagnostic, QueryLanguage, StateMachine } from "../types.ts";
import { Fields, present } from "./fields.ts";
import { Findings } from "./findings.ts";
import { StatesReader } from "./read_states.ts";

/** Limits of a definition: bytes of its JSON as UTF-8, states in all, depth of nested Map, Parallel and JSON. */
export interface DefinitionLimits {
  readonly definitionBytesMax: number;
  readonly statesMax: number;
  readonly nestingMax: number;
}

const machineFields = new Set(["Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"]);

/** All findings, and the machine where there is no error among them. */
export function readDefinition(
  definition: string | Json,
  limits: DefinitionLimits = defaultLimits,
): { readonly diagnostics: readonly Diagnostic[]; readonly machine?: StateMachine } {
  const findings = new Findings();
  const source = readSource(definition, limits, findings);
  if (source === undefined) return { diagnostics: findings.list };
  const machine = readMachine(new Fields(source, "", findings), limits);
  return findings.hasErrors ? { diagnostics: findings.list } : { diagnostics: findings.list, machine };
}

function readSource(definition: string | Json, limits: DefinitionLimits, findings: Findings): JsonObject | undefined {
  let parsed = definition;
  if (typeof definition === "string") {
    if (Buffer.byteLength(definition) > limits.definitionBytesMax) {
      findings.schema("", `The definition is longer than ${limits.definitionBytesMax} bytes`);
      return undefined;
    }
    try {
      parsed = JSON.parse(definition) as Json;
    } catch {
      findings.add({
        severity: "ERROR",
        code: "INVALID_JSON_DESCRIPTION",
        message: "The definition is not valid JSON",
        location: "",
      });
      return undefined;
    }
  }
  if (isJsonObject(parsed)) return parsed;
  findings.schema("", "Definition must be a valid JSON object");
  return undefined;
}

function readMachine(fields: Fields, limits: DefinitionLimits): StateMachine {
  fields.require("States", "StartAt");
  for (const field of Object.keys(fields.object)) {
    if (!machineFields.has(field)) fields.findings.schema(fields.location, `Field '${field}' is not supported`);
  }
  const language = readLanguage(fields);
  const reader = new StatesReader(language, limits, fields.findings);
  return {
    ...reader.readContainer(fields, 0),
    QueryLanguage: language,
    allStates: reader.allStates,
    source: fields.object,
    ...present("Comment", fields.string("Comment")),
    ...present("Version", readVersion(fields)),
    ...present("TimeoutSeconds", fields.integer("TimeoutSeconds", 1, 99_999_999)),
  };
}

function readVersion(fields: Fields): string | undefined {
  const version = fields.string("Version");
  if (version !== undefined && version !== "1.0") {
    fields.findings.schema(fields.at("Version"), "The field 'Version' should have one of these values: [1.0]");
  }
  return version;
}

function readLanguage(fields: Fields): QueryLanguage {
  const language = fields.string("QueryLanguage") ?? "JSONPath";
  if (language === "JSONPath" || language === "JSONata") return language;
  fields.findings.schema(
    fields.at("QueryLanguage"),
    "The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]",
  );
  return "JSONPath";
}

/** The machine, or all findings. Never throws, whatever comes in. */
export function parseDefinition(
  definition: string | Json,
  limits?: DefinitionLimits,
): Result.Result<StateMachine, readonly Diagnostic[]> {
  const { diagnostics, machine } = readDefinition(definition, limits);
  return machine === undefined ? Result.fail(diagnostics) : Result.succeed(machine);
}

/** Every finding, warnings included; empty when there is none. */
export function validateDefinition(definition: string | Json): readonly Diagnostic[] {
  return readDefinition(definition).diagnostics;
}
