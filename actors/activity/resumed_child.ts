/** Branches and iterations of a state that goes on in a redriven execution. */
import type { ActivityContext, Event, ResumedChild, ResumedState } from "../../src/protocol/mod.ts";
import { type Json, type JsonObject, present } from "../../src/values/mod.ts";
import { childCompleted, type ChildStart } from "../child/child_records.ts";

/** What became of a child before the redrive; `undefined`: nothing, or there was none. */
export function resumedChild({ resume }: ActivityContext, index: number): ResumedChild | undefined {
  return resume?.children?.[index];
}

/** Where a child begins: at the state that did not succeed, else at the first. */
export function childStart(
  child: ResumedChild | undefined,
  startAt: string,
  input: Json,
): { readonly stateName: string; readonly input: Json; readonly resume?: ResumedState } {
  return child?.state === undefined
    ? { stateName: startAt, input }
    : { stateName: child.state.stateName, input: child.state.input, resume: child.state };
}

/** The variables that a child had. */
export function variablesOf(child: ResumedChild | undefined): { readonly variables?: JsonObject } {
  return present({ variables: child?.variables });
}

/** Start and end of a child that has succeeded before. */
export function keptChild(started: ChildStart, output: Json): readonly Event[] {
  const { activityId, index } = started;
  return [
    { ...started, isKept: true },
    childCompleted(started, { activityId, index, isKept: true, status: "Succeeded", output }),
  ];
}
