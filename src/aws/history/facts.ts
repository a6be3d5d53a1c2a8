/** Reads the fields of our events: they come as JSON. */
import type { HistoryFacts } from "../../protocol/mod.ts";
import type { HistoryEvent } from "../../runtime/mod.ts";
import { type Json, type JsonObject, present } from "../../values/mod.ts";

/** A field that holds text; `undefined` where there is none. */
export function text(event: JsonObject, field: string): string | undefined {
  const value = event[field];
  return typeof value === "string" ? value : undefined;
}

/** A field that holds a number; `undefined` where there is none. */
export function number(event: JsonObject, field: string): number | undefined {
  const value = event[field];
  return typeof value === "number" ? value : undefined;
}

/** A field that holds an object; `undefined` where there is none. */
export function object(event: JsonObject, field: string): JsonObject | undefined {
  const value = event[field];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as JsonObject : undefined;
}

/** What of an event decides which events of AWS's history it stands for. */
export function historyFacts(event: HistoryEvent): HistoryFacts {
  const status = text(event, "status");
  const max = number(event, "max");
  const catcherIndex = number(event, "catcherIndex");
  const redrive = number(event, "redrive");
  const resume = object(event, "resume");
  const resumedId = resume === undefined ? undefined : number(resume, "historyId");
  return {
    type: event.type,
    ...present({ status, max, catcherIndex }),
    ...(event["isFatal"] === true ? { isFatal: true } : {}),
    ...(event["timedOut"] === true ? { timedOut: true } : {}),
    ...(resumedId === undefined ? {} : { resume: { historyId: resumedId } }),
    ...present({ redrive }),
    ...(event["isKept"] === true ? { isKept: true } : {}),
  };
}

/** A payload as the API has it: JSON as text, and a note that it is whole. */
export function payload(field: "input" | "output", value: Json | undefined): JsonObject {
  return { [field]: JSON.stringify(value ?? null), [`${field}Details`]: { truncated: false } };
}

/** The two strings of an error, those that there are. */
export function errorOf(event: JsonObject): JsonObject {
  const error = text(event, "error");
  const cause = text(event, "cause");
  return { ...present({ error, cause }) };
}
