/** What AWS knows of a state machine beyond its definition, as it is kept in the registry. */
import { Schema } from "effect";
import { Format } from "../../protocol/mod.ts";
import type { Json, JsonObject } from "../../values/mod.ts";

const optional = Schema.optionalKey;
const AnyObject = Schema.declare<JsonObject>((value): value is JsonObject => typeof value === "object");

/** Kinds of resources of a state machine; the first name is the machine's. */
export const machineKinds = {
  machine: "state_machine",
  version: "state_machine_version",
  alias: "state_machine_alias",
} as const;

/** A tag of a resource. */
export const Tag = Schema.Struct({ key: Schema.String, value: Schema.String });
export type Tag = typeof Tag.Type;

const configuration = {
  loggingConfiguration: optional(AnyObject),
  tracingConfiguration: optional(AnyObject),
  encryptionConfiguration: optional(AnyObject),
};

/** A state machine. Its definition is the workflow's of the same name. */
export const MachineRecord = Schema.Struct({
  roleArn: Schema.String,
  type: Schema.Literals(["STANDARD", "EXPRESS"]),
  ...configuration,
  tags: Schema.Array(Tag),
  /** A UUID drawn by each update; absent before the first. */
  revisionId: optional(Schema.String),
  /** Number of the newest version ever published; 0: none. */
  lastVersion: Schema.Number,
  updatedAtEpochMs: optional(Schema.Number),
  /** How it was created: the same request again is answered as the first one was. */
  publishedFirst: Schema.Boolean,
  firstVersionDescription: optional(Schema.String),
});
export type MachineRecord = typeof MachineRecord.Type;

/** A published version: never changes. */
export const VersionRecord = Schema.Struct({
  revision: Schema.Number,
  hash: Schema.String,
  roleArn: Schema.String,
  ...configuration,
  description: optional(Schema.String),
  revisionId: optional(Schema.String),
});
export type VersionRecord = typeof VersionRecord.Type;

/** An alias: one or two versions with weights that sum up to 100. */
export const AliasRecord = Schema.Struct({
  description: optional(Schema.String),
  routes: Schema.Array(Schema.Struct({ version: Schema.Number, weight: Schema.Number })),
});
export type AliasRecord = typeof AliasRecord.Type;

const machineFormat = new Format({ what: "a state machine", schema: MachineRecord, older: [] });
const versionFormat = new Format({ what: "a version of a state machine", schema: VersionRecord, older: [] });
const aliasFormat = new Format({ what: "an alias of a state machine", schema: AliasRecord, older: [] });

/** @throws when the registry holds something else: a defect */
export const decodeMachine = (value: Json): MachineRecord => machineFormat.decode(value);
/** @throws when the registry holds something else: a defect */
export const decodeVersion = (value: Json): VersionRecord => versionFormat.decode(value);
/** @throws when the registry holds something else: a defect */
export const decodeAlias = (value: Json): AliasRecord => aliasFormat.decode(value);
