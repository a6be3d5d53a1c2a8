import { isJsonObject, type JsonObject, parseExecutionId } from "../../../values/mod.ts";
import type { ListFilter } from "../../registry.ts";
import type { ListedExecution } from "../store/listed_execution.ts";

/** True for an execution that is to be listed. */
export function passes(filter: ListFilter, execution: ListedExecution): boolean {
  const { workflow, mapRun, isRedriven, hasTimedOut, shown } = filter;
  if (workflow !== undefined && execution.workflow !== workflow) return false;
  if (filter.key !== undefined && execution.key !== filter.key) return false;
  if (mapRun !== undefined && (execution.mapRun ?? null) !== mapRun) return false;
  if (isRedriven !== undefined && execution.redriveCount > 0 !== isRedriven) return false;
  if (hasTimedOut !== undefined && (execution.timedOut === true) !== hasTimedOut) return false;
  if (shown !== undefined) {
    const found = objectIn(execution, shown.under);
    if (!shown.fields.some((field) => found[field] === shown.value)) return false;
  }
  return startedBetween(filter, execution) && says(filter, execution);
}

function startedBetween(
  { startedAfterEpochMs, startedBeforeEpochMs }: ListFilter,
  { startedAt }: ListedExecution,
): boolean {
  if (startedAfterEpochMs === undefined && startedBeforeEpochMs === undefined) return true;
  const at = Date.parse(startedAt);
  return at > (startedAfterEpochMs ?? -Infinity) && at < (startedBeforeEpochMs ?? Infinity);
}

function says({ nameBegins, errorHas, text }: ListFilter, execution: ListedExecution): boolean {
  const { workflow, key = "", error = "", executionId } = execution;
  if (errorHas !== undefined && !error.toLowerCase().includes(errorHas)) return false;
  if (nameBegins === undefined && text === undefined) return true;
  const name = nameOf(execution);
  if (nameBegins !== undefined && !name.toLowerCase().startsWith(nameBegins)) return false;
  return text === undefined ||
    [name, workflow, key, error, executionId].some((told) => told.toLowerCase().includes(text));
}

/** As it is shown, or made of its id as the AWS API does. */
function nameOf(execution: ListedExecution): string {
  const { Name: name } = objectIn(execution, "Execution");
  if (typeof name === "string") return name;
  const { hash = "", hlc = "" } = parseExecutionId(execution.executionId) ?? {};
  return `weft-${hash}-${hlc}`;
}

function objectIn({ shownAs }: ListedExecution, field: string): JsonObject {
  const found = shownAs?.[field] ?? null;
  return isJsonObject(found) ? found : {};
}
