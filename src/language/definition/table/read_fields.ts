/** Reads an object of the language by its rows. */
import { isJsonObject, type Json } from "../../../values/mod.ts";
import type { Readable } from "../../templates/jsonata_references.ts";
import { Fields } from "../fields.ts";
import type { StateReading } from "../state_reading.ts";
import { type Field, type FieldPlace, type FieldsOf, type FieldTable, isIn, type Shape } from "./field.ts";
import type { StateType } from "./state_types.ts";

/** Where an object stands. */
export interface ObjectPlace {
  /** In front of the names of its fields in causes, such as `Catch[0]/`. */
  readonly prefix?: string;
  readonly readable?: Readable;
  /** The last object of its list. */
  readonly isLast?: boolean;
  /** Of a state. */
  readonly type?: StateType;
}

/**
 * The parsed object. What is wrong goes to the findings of `fields`; the object is then not to be used: a field that must be there may
 * be missing in it.
 */
export function readFields<T extends FieldTable>(
  { fields: table, rules = [] }: Pick<Shape<T>, "fields" | "rules">,
  reading: StateReading,
  fields: Fields,
  place: ObjectPlace = {},
): FieldsOf<T> {
  const { type, readable = {}, isLast = false, prefix = "" } = place;
  const { language } = reading;
  const values: Record<string, unknown> = {};
  const check = (before: string | undefined) => {
    for (const rule of rules) {
      if (rule.before !== before || (type !== undefined && rule.types?.includes(type) === false)) continue;
      rule.check(fields, values, language);
    }
  };
  requireAll(table, fields);
  check(undefined);
  for (const [name, row] of Object.entries(table)) {
    check(name);
    if (row.isRequiredAlone === true) fields.require(name);
    if (!isRead(row, reading, type)) continue;
    const value = valueOf(row, { reading, fields, name, field: `${prefix}${name}`, readable, isLast });
    if (value !== undefined) values[name] = value;
  }
  return values as FieldsOf<T>;
}

function requireAll(table: FieldTable, fields: Fields): void {
  const names = Object.entries(table).flatMap(([name, row]) =>
    row.presence === "required" && row.isRequiredAlone !== true ? [name] : []
  );
  if (names.length > 0) fields.require(...names);
}

function isRead(row: Field<unknown>, { language }: StateReading, type: StateType | undefined): boolean {
  const isOfType = type === undefined || row.types === undefined || row.types.includes(type);
  return (isOfType || row.isReadMisplaced === "type") && (isIn(language, row) || row.isReadMisplaced === "language");
}

function valueOf(row: Field<unknown>, place: FieldPlace): unknown {
  const own = row.kind.read(place);
  if (own !== undefined) return own;
  const { reading, name } = place;
  const fromPath = row.path !== undefined && reading.language === "JSONPath"
    ? row.path.read({ ...place, name: `${name}Path` })
    : undefined;
  return fromPath ?? row.otherwise;
}

/** A finding for each field that the rows do not know in this language. */
export function refuseOthers(table: FieldTable, { language }: StateReading, fields: Fields): void {
  fields.only((name) => {
    const row = Object.hasOwn(table, name) ? table[name] : undefined;
    return row !== undefined && isIn(language, row);
  });
}

/** The objects of a list, each read by `readOne`; a finding for what is no object. */
export function readEach<T>(
  { reading, fields, name }: FieldPlace,
  readOne: (
    fields: Fields,
    place: { readonly isLast: boolean; readonly index: number; readonly reading: StateReading },
  ) => T,
): readonly T[] | undefined {
  const list = fields.array(name);
  if (list === undefined) return undefined;
  const read: T[] = [];
  list.forEach((item: Json, index) => {
    const location = `${fields.at(name)}[${index}]`;
    if (isJsonObject(item)) {
      const place = { isLast: index === list.length - 1, index, reading };
      read.push(readOne(new Fields(item, location, fields.findings), place));
    } else fields.findings.schema(location, "Expected value of type [OBJECT]");
  });
  return read;
}
