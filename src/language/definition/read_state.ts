/** One entry of `States` to a {@link State}: its fields are read by their rows in `table/`. */
import type { State } from "../types.ts";
import type { StateReading } from "./state_reading.ts";
import { readFields } from "./table/read_fields.ts";
import type { StateType } from "./table/state_types.ts";
import { commonShape, stateShapes } from "./table/states.ts";

/** Reads a state of a known type. What is wrong goes to the reading's findings; the state is then not to be used. */
export function readState(reading: StateReading, name: string, type: StateType): State {
  const { fields, language } = reading;
  const readable = { result: type === "Task" || type === "Parallel" || type === "Map" };
  const base = { name, QueryLanguage: language, ...readFields(commonShape, reading, fields, { type, readable }) };
  switch (type) {
    case "Pass":
      return { ...base, Type: type, ...readFields(stateShapes.Pass, reading, fields) };
    case "Succeed":
      return { ...base, Type: type, ...readFields(stateShapes.Succeed, reading, fields) };
    case "Fail":
      return { ...base, Type: type, ...readFields(stateShapes.Fail, reading, fields) };
    case "Wait":
      return { ...base, Type: type, ...readFields(stateShapes.Wait, reading, fields) };
    case "Choice":
      return { ...base, Type: type, ...readFields(stateShapes.Choice, reading, fields) };
    case "Task":
      return { ...base, Type: type, ...readFields(stateShapes.Task, reading, fields) };
    case "Parallel":
      return { ...base, Type: type, ...readFields(stateShapes.Parallel, reading, fields) };
    case "Map":
      return { ...base, Type: type, ...readFields(stateShapes.Map, reading, fields) };
  }
}
