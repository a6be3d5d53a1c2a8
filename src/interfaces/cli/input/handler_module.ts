/** Task handlers from a module of the user's. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CliFailure, usageFailure } from "../output/failure.ts";
import type { TaskHandler } from "../../../sdk/mod.ts";

/**
 * Handlers by resource: the properties of an object exported as default or as `handlers`, and every named export that is a function.
 * The object serves resources that are no identifiers, such as `arn:aws:lambda:…:function:charge`.
 */
export async function loadHandlers(cwd: string, path: string): Promise<Readonly<Record<string, TaskHandler>>> {
  const exported = await loadModule(cwd, path);
  const found = new Map<string, TaskHandler>();
  for (const [name, value] of Object.entries(exported)) {
    if (name !== "default" && isHandler(value)) found.set(name, value);
  }
  for (const table of [exported["default"], exported["handlers"]]) {
    if (typeof table !== "object" || table === null) continue;
    for (const [name, value] of Object.entries(table)) if (isHandler(value)) found.set(name, value);
  }
  if (found.size > 0) return Object.fromEntries(found);
  throw usageFailure(`Expected "${path}" to export functions, but it exports none`, {
    hint: "Export a function for each resource by its name, or an object of them as default or as 'handlers'.",
  });
}

/** The one handler of a worker's module: the default export if it is a function, else what {@link loadHandlers} finds for the resource. */
export async function loadHandler(cwd: string, path: string, resource: string): Promise<TaskHandler> {
  const exported = await loadModule(cwd, path);
  const byDefault = exported["default"];
  if (isHandler(byDefault)) return byDefault;
  const handlers = await loadHandlers(cwd, path);
  if (Object.hasOwn(handlers, resource) && handlers[resource] !== undefined) return handlers[resource];
  const names = Object.keys(handlers);
  const only = names.length === 1 ? handlers[names[0] ?? ""] : undefined;
  if (only !== undefined) return only;
  throw usageFailure(`Expected "${path}" to export a handler for "${resource}", but it exports ${names.join(", ")}`, {
    hint: "Export the handler as default, or under the resource's name.",
  });
}

function isHandler(value: unknown): value is TaskHandler {
  return typeof value === "function";
}

async function loadModule(cwd: string, path: string): Promise<{ readonly [name: string]: unknown }> {
  const url = pathToFileURL(resolve(cwd, path)).href;
  try {
    return await import(url) as { readonly [name: string]: unknown };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new CliFailure(`Cannot load the module "${path}": ${reason}`, { code: "Usage", exitCode: 2, cause: thrown });
  }
}
