/**
 * Whether a mocked result looks like what the API answers that a Task state calls.
 *
 * The services are those of the folder `response_shapes`, which `src/values/aws_services.ts` names; results of any other, of HTTP tasks, of functions, activities and
 * callbacks may be anything.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_MockInput.html
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { Effect } from "effect";
import type { State } from "../../../language/types.ts";
import { awsServiceOf, isJsonObject, type Json, type JsonObject, parseResource } from "../../../values/mod.ts";

/** How much of the API's model a mocked result must keep to. */
export type ValidationMode = "STRICT" | "PRESENT" | "NONE";

/** `string`, `number`, `boolean`, or `#` and the name of a shape. */
type Reference = string;

interface Shape {
  readonly kind: "object" | "array" | "map" | "string" | "number" | "boolean";
  readonly min?: number;
  readonly max?: number;
  readonly members?: Readonly<Record<string, Reference>>;
  readonly required?: readonly string[];
  readonly item?: Reference;
  readonly value?: Reference;
}

interface ServiceShapes {
  readonly operations: Readonly<Record<string, Reference>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** What `.sync` integrations answer with: the description of what they waited for. */
const described: ReadonlyMap<string, string> = new Map([
  ["StartExecution", "DescribeExecution"],
]);

const files = new Map<string, Promise<ServiceShapes>>();

function shapesOf(service: string): Promise<ServiceShapes> {
  const known = files.get(service);
  if (known !== undefined) return known;
  const read = readShapes(service);
  files.set(service, read);
  return read;
}

/** In the repository they are text; the package that is built of it has them compressed. */
async function readShapes(service: string): Promise<ServiceShapes> {
  const url = new URL(`./response_shapes/${service}.json`, import.meta.url);
  const isText = existsSync(url);
  const bytes = await readFile(isText ? url : new URL(`${url}.gz`));
  return JSON.parse((isText ? bytes : gunzipSync(bytes)).toString("utf8"));
}

/** The API call whose answer the task's result is, and the fields of it that hold JSON instead of its text. */
function calledBy(
  resource: string,
): { readonly service: string; readonly operation: string; readonly parsed?: readonly string[] } | undefined {
  const called = parseResource(resource);
  if (called.kind !== "Service" || called.pattern === "Callback") return undefined;
  const { answers: service } = awsServiceOf(called);
  if (service === undefined) return undefined;
  const operation = capitalized(called.action);
  if (called.pattern === "Request") return { service, operation };
  const answer = described.get(operation);
  if (answer === undefined) return undefined;
  return { service, operation: answer, ...(called.pattern === "Sync" ? {} : { parsed: ["Input", "Output"] }) };
}

const capitalized = (name: string) => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;

/** What is wrong with a mocked result, in AWS's words; `undefined`: nothing. */
export function mockedAnswerProblem(
  state: State,
  result: Json,
  mode: ValidationMode,
): Effect.Effect<string | undefined> {
  const call = state.Type === "Task" && mode !== "NONE" ? calledBy(state.Resource) : undefined;
  if (call === undefined) return Effect.succeed(undefined);
  return Effect.map(Effect.promise(() => shapesOf(call.service)), (service) => {
    const reference = service.operations[call.operation];
    const problem = reference === undefined
      ? undefined
      : new AnswerCheck(service, mode === "STRICT").problem(reference, asTexts(result, call.parsed), undefined);
    return problem === undefined ? undefined : `Mock result schema validation error: ${problem}`;
  });
}

/** The result with what is parsed in it as text again. */
function asTexts(result: Json, parsed: readonly string[] = []): Json {
  if (!isJsonObject(result)) return result;
  const texts = parsed.flatMap((name) => result[name] === undefined ? [] : [[name, JSON.stringify(result[name])]]);
  return { ...result, ...Object.fromEntries(texts) };
}

class AnswerCheck {
  readonly #shapes: ServiceShapes["shapes"];
  readonly #isStrict: boolean;

  constructor({ shapes }: ServiceShapes, isStrict: boolean) {
    this.#shapes = shapes;
    this.#isStrict = isStrict;
  }

  /** @param field that holds the value; the result itself has none */
  problem(reference: Reference, value: Json, field: string | undefined): string | undefined {
    const shape = this.#shape(reference);
    const named = field === undefined ? "Result" : `Field '${field}'`;
    switch (shape.kind) {
      case "object":
        return isJsonObject(value) ? this.#ofMembers(shape, value) : `${named} must be an object`;
      case "map":
        if (!isJsonObject(value)) return `${named} must be an object`;
        return firstOf(Object.entries(value), ([key, item]) => this.problem(shape.value ?? "string", item, key));
      case "array":
        if (!Array.isArray(value)) return `${named} must be an array`;
        return lengthProblem(shape, value.length, named, "size") ??
          firstOf(value as readonly Json[], (item) => this.problem(shape.item ?? "string", item, field));
      case "string":
        if (typeof value !== "string") return `${named} must be a string`;
        return lengthProblem(shape, value.length, named, "length");
      case "number":
        if (typeof value !== "number") return `${named} must be a number`;
        if (shape.min !== undefined && value < shape.min) return `${named} is less than the minimum value`;
        return shape.max !== undefined && value > shape.max ? `${named} exceeds the maximum value` : undefined;
      case "boolean":
        return typeof value === "boolean" ? undefined : `${named} must be a boolean`;
      default:
        return shape.kind satisfies never;
    }
  }

  #shape(reference: Reference): Shape {
    if (reference === "string" || reference === "number" || reference === "boolean") return { kind: reference };
    return this.#shapes[reference.slice(1)] ?? { kind: "object" };
  }

  #ofMembers({ members = {}, required = [] }: Shape, value: JsonObject): string | undefined {
    const missing = this.#isStrict ? required.find((name) => value[name] === undefined) : undefined;
    if (missing !== undefined) return `Required field '${missing}' is missing`;
    return firstOf(Object.entries(value), ([name, member]) => {
      const reference = Object.hasOwn(members, name) ? members[name] : undefined;
      return reference === undefined || member === null ? undefined : this.problem(reference, member, name);
    });
  }
}

function lengthProblem({ min, max }: Shape, length: number, named: string, what: string): string | undefined {
  if (min !== undefined && length < min) return `${named} is smaller than the minimum ${what}`;
  return max !== undefined && length > max ? `${named} exceeds the maximum ${what}` : undefined;
}

function firstOf<T>(items: readonly T[], problemOf: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
