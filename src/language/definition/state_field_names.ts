/** Which fields a state may have, by its type and query language: as the rows of `table/states.ts` say. */
import type { QueryLanguage } from "../types.ts";
import { type FieldTable, isIn, queryLanguages } from "./table/field.ts";
import { type StateType, stateTypes } from "./table/state_types.ts";
import { commonShape, stateShapes } from "./table/states.ts";

/** The rows of a state type: those that it shares with others, and its own. */
export function fieldsOfState(type: StateType): FieldTable {
  const common = Object.entries<FieldTable[string]>(commonShape.fields).filter(([, { types }]) =>
    types?.includes(type) !== false
  );
  return { ...Object.fromEntries(common), ...stateShapes[type].fields };
}

const names: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  queryLanguages.flatMap((language) => stateTypes.map((type) => [`${language} ${type}`, namesIn(language, type)])),
);

function namesIn(language: QueryLanguage, type: StateType): ReadonlySet<string> {
  return new Set(
    Object.entries(fieldsOfState(type)).flatMap(([name, row]) => [
      ...(isIn(language, row) ? [name] : []),
      ...(row.path !== undefined && isIn(language, row, true) ? [`${name}Path`] : []),
    ]),
  );
}

/** True when a state of this type and language may have the field. */
export function isFieldOf(type: StateType, language: QueryLanguage, field: string): boolean {
  return names.get(`${language} ${type}`)?.has(field) === true;
}
