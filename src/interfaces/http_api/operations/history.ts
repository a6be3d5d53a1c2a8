/** GetExecutionHistory. */
import { Effect } from "effect";
import { type AwsAnswer, executionByArn, given } from "../../../aws/mod.ts";
import { type JsonObject, present } from "../../../values/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import { pageOf, pageWanted } from "../wire/page.ts";
import * as parts from "../wire/request_parts.ts";
import { flag, optional, type Request, required, shape } from "../wire/shapes.ts";

const HistoryRequest = shape({
  executionArn: required(parts.arn),
  maxResults: optional(parts.pageSize),
  reverseOrder: optional(flag),
  nextToken: optional(parts.pageToken),
  includeExecutionData: optional(flag),
});

function history(call: AwsCall, request: Request<typeof HistoryRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const { reverseOrder = false, includeExecutionData = true } = request;
    const listName = `history ${request.executionArn} ${reverseOrder}`;
    const execution = yield* executionByArn(call, request.executionArn);
    const wanted = yield* given(pageWanted(listName, request));
    const events = yield* call.histories.of(execution);
    const ordered = reverseOrder ? events.toReversed() : events;
    const { page, nextToken } = pageOf(listName, ordered, wanted, ({ id }) => String(id));
    return {
      events: includeExecutionData ? page : page.map(withoutData),
      ...present({ nextToken }),
    };
  });
}

const dataFields = new Set([
  "input",
  "inputDetails",
  "output",
  "outputDetails",
  "parameters",
  "assignedVariables",
  "assignedVariablesDetails",
]);

function withoutData(event: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [
      name,
      name.endsWith("EventDetails") && typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).filter(([field]) => !dataFields.has(field)))
        : value,
    ]),
  );
}

/** By name. */
export const historyOperations: Readonly<Record<string, Operation>> = {
  GetExecutionHistory: operation(HistoryRequest, history),
};
