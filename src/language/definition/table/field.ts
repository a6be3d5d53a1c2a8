/**
 * How the table of the language's fields is written: a field's row says what stands there, where it may stand and what it is for. Reading,
 * validation, the types of parsed states, `docs/language.md` and the JSON Schema of editors all come from the rows.
 */
import type { JsonObject } from "../../../values/mod.ts";
import type { Readable } from "../../templates/jsonata_references.ts";
import type { Compiled, QueryLanguage } from "../../types.ts";
import type { Fields } from "../fields.ts";
import type { StateReading } from "../state_reading.ts";
import type { StateType } from "./state_types.ts";

/** Where a field is read. */
export interface FieldPlace {
  readonly reading: StateReading;
  /** The object that the field stands in. */
  readonly fields: Fields;
  readonly name: string;
  /** Its name in causes, such as `Output` or `Catch[0]/Output`. */
  readonly field: string;
  /** What of `$states` the object's outputs may read. */
  readonly readable: Readable;
  /** The object is the last one of its list. */
  readonly isLast: boolean;
}

/** What a part of the JSON Schema is made for. */
export interface SchemaScope {
  /** The language of the state. */
  readonly language: QueryLanguage;
  /** The schema of `States`. */
  readonly states: () => JsonObject;
  /** A reference to the schema of an object. */
  readonly shape: (shape: Shape) => JsonObject;
}

/** What stands in a field: how it is read, shown to people, and shown to editors. One object a kind, with all three. */
export interface Kind<V> {
  /**
   * The parsed value: `undefined` where the field is absent, or where it is not as it must be and a finding says so. Called for absent
   * fields as well.
   */
  readonly read: (place: FieldPlace) => V | undefined;
  /** For `docs/language.md`: "integer, 1 to 99,999,999". */
  readonly words: (language: QueryLanguage) => string;
  /** For editors. */
  readonly schema: (scope: SchemaScope) => JsonObject;
}

/**
 * - `required`: a finding when it is missing; always there in what is parsed.
 * - `always`: may be missing in the definition; always there in what is parsed.
 * - `optional`: absent in what is parsed where it is missing.
 */
export type Presence = "required" | "always" | "optional";

/** What else a row may say. */
export interface FieldOptions {
  /** States in one query language alone have it. Absent: in both. */
  readonly only?: QueryLanguage;
  /** Of a field that is declared for all states: the types that have it. Absent: all. */
  readonly types?: readonly StateType[];
  /**
   * Its faults are told in the same go although the state may not have it: `type` where another type of the field's language has it,
   * `language` where its type has it in the other language.
   */
  readonly isReadMisplaced?: "type" | "language";
  /** Its value may come from a path, in a field of the same name with `Path` behind it. JSONPath alone. */
  readonly path?: Kind<Compiled>;
  /** What holds where the field is absent, in words, when it is no parsed value. */
  readonly absent?: string;
  /** A finding of its own when it is missing, not one with the others. */
  readonly isRequiredAlone?: true;
  /** AWS's page about it, where that is not the object's own. */
  readonly page?: string;
}

/** One row. */
export interface Field<V, P extends Presence = Presence> extends FieldOptions {
  readonly kind: Kind<V>;
  readonly presence: P;
  /** What it is for, in one sentence. */
  readonly about: string;
  /** The parsed value where the field is absent. */
  readonly otherwise?: V;
}

/** The rows of one object, in the order in which they are read. */
export type FieldTable = Readonly<Record<string, Field<unknown>>>;

/** What must hold among the fields of an object. */
export interface Rule {
  readonly words: string;
  /** The states for which it holds. Absent: all. */
  readonly types?: readonly StateType[];
  /** Checked before this field is read. Absent: before all. */
  readonly before?: string;
  /** @param values What has been read so far, by field */
  readonly check: (fields: Fields, values: Readonly<Record<string, unknown>>, language: QueryLanguage) => void;
  /** For editors, where they can be told. */
  readonly schema?: (language: QueryLanguage) => JsonObject | undefined;
}

/** An object of the language. */
export interface Shape<T extends FieldTable = FieldTable> {
  readonly name: string;
  readonly about: string;
  /** AWS's page. */
  readonly page: string;
  readonly fields: T;
  readonly rules?: readonly Rule[];
  /** Other fields may be there as well: they are data. */
  readonly isOpen?: true;
  /** The whole schema, where the rows do not say it all. */
  readonly schema?: (scope: SchemaScope) => JsonObject;
}

type ValueOf<F> = F extends Field<infer V> ? V : never;
/** Fields without a parsed value are left out. */
type HasValue<F> = [ValueOf<F>] extends [undefined] ? false : true;
type NameIf<F, Name, P extends Presence> = F extends Field<unknown, P> ? HasValue<F> extends true ? Name : never
  : never;

/** The parsed object of a table. */
export type FieldsOf<T> =
  & { readonly [Name in keyof T as NameIf<T[Name], Name, "required" | "always">]: ValueOf<T[Name]> }
  & { readonly [Name in keyof T as NameIf<T[Name], Name, "optional">]?: ValueOf<T[Name]> };

/** A field that may be absent. */
export function field<V>(kind: Kind<V>, about: string, options: FieldOptions = {}): Field<V, "optional"> {
  return { kind, about, presence: "optional", ...options };
}

/** A field that must be there. */
export function required<V>(kind: Kind<V>, about: string, options: FieldOptions = {}): Field<V, "required"> {
  return { kind, about, presence: "required", ...options };
}

/** A field that may be absent; then `otherwise` holds. */
export function defaulted<V>(
  kind: Kind<V>,
  otherwise: V,
  about: string,
  options: FieldOptions = {},
): Field<V, "always"> {
  return { kind, about, presence: "always", otherwise, ...options };
}

/** A field whose kind has a value in any case. */
export function always<V>(kind: Kind<V>, about: string, options: FieldOptions = {}): Field<V, "always"> {
  return { kind, about, presence: "always", ...options };
}

/** Both query languages, in the order in which AWS names them. */
export const queryLanguages = ["JSONPath", "JSONata"] as const;

/** True when states of this language may have the field (`isPath`: its variant with the path). */
export function isIn(language: QueryLanguage, { only }: Pick<FieldOptions, "only">, isPath = false): boolean {
  return isPath ? language === "JSONPath" : only === undefined || only === language;
}

/** What a rule about some fields may say beside their names. */
export interface RuleOptions extends Pick<Rule, "before"> {
  /** States in one language alone. Absent: in both. */
  readonly only?: QueryLanguage;
}

/** Exactly one of the fields must be there. */
export function exactlyOne(names: readonly string[], options: RuleOptions = {}): Rule {
  const schema = { oneOf: names.map((name) => ({ required: [name] })) };
  return aboutNames("exactly one", names, options, schema, (fields) => fields.exactlyOne(...names));
}

/** At most one of the fields may be there. */
export function atMostOne(names: readonly string[], options: RuleOptions = {}): Rule {
  const schema = { not: { required: [...names] } };
  return aboutNames("at most one", names, options, schema, (fields) => fields.atMostOne(...names));
}

function aboutNames(
  howMany: string,
  names: readonly string[],
  { only, ...place }: RuleOptions,
  schema: JsonObject,
  check: (fields: Fields) => void,
): Rule {
  const holds = (language: QueryLanguage) => only === undefined || only === language;
  return {
    ...place,
    words: `${howMany} of ${names.map((name) => `\`${name}\``).join(", ")}${only === undefined ? "" : ` (${only})`}`,
    check: (fields, _values, language) => {
      if (holds(language)) check(fields);
    },
    schema: (language) => holds(language) ? schema : undefined,
  };
}
