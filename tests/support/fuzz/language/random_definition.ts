/** Machines from a seed: right ones, of all types and both languages, and such with a few things wrong. */
import type { SeededRandom } from "../../seeded_random.ts";
import type { Json, JsonObject } from "../../../../src/values/mod.ts";
import { ExpressionMaker } from "../../../unit/language/jsonata/random_expression.ts";
import { keys, randomInput, randomJson, randomNumber, randomText } from "./random_json.ts";
import { randomCall, randomPath, randomReferencePath, spoilt } from "./random_text.ts";

type Maker = (random: SeededRandom, depth: number) => JsonObject;

/** An expression of JSONata in its marks, over `$d`, `$e` and what a state sees. */
export function randomExpression(random: SeededRandom): string {
  const made = new ExpressionMaker(() => random.next()).make(1 + random.below(8));
  const source = random.chance(0.5) ? made : made.replace(/\$d|\$(?![\w$])/g, "$states.input").replaceAll("$e", "$v");
  return `{% ${source.replaceAll("%}", "% }")} %}`;
}

function perhaps(random: SeededRandom, fields: Readonly<Record<string, () => Json>>): JsonObject {
  const chosen = Object.entries(fields).filter(() => random.chance(0.4));
  return Object.fromEntries(chosen.map(([name, make]) => [name, make()]));
}

/** What `Parameters` may be. */
export function randomTemplate(random: SeededRandom, depth = 2): JsonObject {
  const members = Array.from({ length: random.below(5) }, (): [string, Json] => {
    const key = random.pick(keys);
    if (random.chance(0.5)) return [`${key}.$`, random.chance(0.5) ? randomPath(random) : randomCall(random)];
    return [key, depth > 0 && random.chance(0.5) ? randomTemplate(random, depth - 1) : randomJson(random, 1)];
  });
  return Object.fromEntries(members);
}

/** What `Output` may be. */
export function randomOutput(random: SeededRandom, depth = 2): Json {
  if (depth === 0 || random.chance(0.5)) return randomExpression(random);
  if (random.chance(0.3)) return Array.from({ length: random.below(4) }, () => randomOutput(random, depth - 1));
  return Object.fromEntries(
    Array.from({ length: random.below(4) }, () => [random.pick(keys), randomOutput(random, depth - 1)]),
  );
}

const operators = ["Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"] as const;

function randomRule(random: SeededRandom, depth: number): JsonObject {
  if (depth > 0 && random.chance(0.3)) {
    if (random.chance(0.4)) return { Not: randomRule(random, depth - 1) };
    const rules = Array.from({ length: 1 + random.below(3) }, () => randomRule(random, depth - 1));
    return { [random.pick(["And", "Or"])]: rules };
  }
  const Variable = randomPath(random);
  if (random.chance(0.3)) {
    return {
      Variable,
      [`Is${random.pick(["Null", "String", "Numeric", "Present", "Timestamp"])}`]: random.chance(0.5),
    };
  }
  if (random.chance(0.2)) return { Variable, StringMatches: randomText(random) };
  const type = random.pick(["String", "Numeric", "Timestamp"]);
  const operator = `${type}${random.pick(operators)}`;
  if (random.chance(0.3)) return { Variable, [`${operator}Path`]: randomPath(random) };
  const operand = type === "String" ? randomText(random) : type === "Numeric" ? randomNumber(random) : timestamp;
  return { Variable, [operator]: operand };
}

const timestamp = "2026-01-01T00:00:00Z";

const retry = (random: SeededRandom): Json => [{
  ErrorEquals: ["E", "States.Timeout"],
  ...perhaps(random, {
    IntervalSeconds: () => 1 + random.below(5),
    MaxAttempts: () => random.below(5),
    BackoffRate: () => 1 + random.next(),
    MaxDelaySeconds: () => 10 + random.below(100),
    JitterStrategy: () => "FULL",
  }),
}];

function pathFields(random: SeededRandom): JsonObject {
  return perhaps(random, {
    InputPath: () => random.chance(0.2) ? null : randomPath(random),
    OutputPath: () => random.chance(0.2) ? null : randomPath(random),
  });
}

const placing = (random: SeededRandom) => ({
  ResultPath: () => random.chance(0.2) ? null : randomReferencePath(random),
  Assign: () => ({ v: randomJson(random, 1), "w.$": randomPath(random) }),
});
const giving = (random: SeededRandom) => ({
  Output: () => randomOutput(random),
  Assign: () => ({ v: randomOutput(random, 1) }),
});
const next = (random: SeededRandom): JsonObject => random.chance(0.5) ? { End: true } : { Next: "Z" };

const pathStates: readonly Maker[] = [
  (random) => ({
    Type: "Pass",
    ...pathFields(random),
    ...perhaps(random, {
      ...placing(random),
      Parameters: () => randomTemplate(random),
      Result: () => randomJson(random, 3),
    }),
    ...next(random),
  }),
  (random, depth) => ({
    Type: "Choice",
    ...pathFields(random),
    Choices: Array.from({ length: 1 + random.below(3) }, () => ({ ...randomRule(random, depth), Next: "Z" })),
    ...perhaps(random, { Default: () => "Z" }),
  }),
  (random) => ({
    Type: "Wait",
    ...pathFields(random),
    ...random.pick<JsonObject>([{ Seconds: random.below(100) }, { SecondsPath: randomReferencePath(random) }, {
      TimestampPath: randomReferencePath(random),
    }]),
    ...next(random),
  }),
  (random) => ({
    Type: "Fail",
    ...perhaps(random, { Error: () => randomText(random), CausePath: () => randomReferencePath(random) }),
  }),
  (random) => ({
    Type: "Task",
    Resource: "arn:aws:lambda:us-east-1:123456789012:function:f",
    ...pathFields(random),
    ...perhaps(random, {
      ...placing(random),
      Parameters: () => randomTemplate(random),
      ResultSelector: () => randomTemplate(random),
      TimeoutSecondsPath: () => randomReferencePath(random),
      Retry: () => retry(random),
      Catch: () => [{ ErrorEquals: ["States.ALL"], ResultPath: randomReferencePath(random), Next: "Z" }],
    }),
    ...next(random),
  }),
  (random, depth) => ({
    Type: "Map",
    ...pathFields(random),
    ItemProcessor: inner(random, depth, pathStates),
    ...perhaps(random, {
      ...placing(random),
      ItemsPath: () => randomReferencePath(random),
      ItemSelector: () => randomTemplate(random),
      MaxConcurrencyPath: () => randomReferencePath(random),
    }),
    ...next(random),
  }),
];

const jsonataStates: readonly Maker[] = [
  (random) => ({ Type: "Pass", ...perhaps(random, giving(random)), ...next(random) }),
  (random) => ({
    Type: "Choice",
    Choices: Array.from({ length: 1 + random.below(3) }, () => ({
      Condition: randomExpression(random),
      ...perhaps(random, giving(random)),
      Next: "Z",
    })),
    ...perhaps(random, { Default: () => "Z", ...giving(random) }),
  }),
  (random) => ({
    Type: "Wait",
    ...random.pick<JsonObject>([{ Seconds: randomExpression(random) }, { Timestamp: randomExpression(random) }]),
    ...next(random),
  }),
  (random) => ({
    Type: "Fail",
    ...perhaps(random, { Error: () => randomExpression(random), Cause: () => randomExpression(random) }),
  }),
  (random) => ({
    Type: "Task",
    Resource: "arn:aws:lambda:us-east-1:123456789012:function:f",
    ...perhaps(random, {
      ...giving(random),
      Arguments: () => randomOutput(random),
      TimeoutSeconds: () => randomExpression(random),
      Retry: () => retry(random),
      Catch: () => [{ ErrorEquals: ["States.ALL"], Output: randomOutput(random), Next: "Z" }],
    }),
    ...next(random),
  }),
  (random, depth) => ({
    Type: "Map",
    ItemProcessor: inner(random, depth, jsonataStates),
    ...perhaps(random, {
      ...giving(random),
      Items: () => randomExpression(random),
      ItemSelector: () => randomOutput(random),
      MaxConcurrency: () => randomExpression(random),
      ToleratedFailurePercentage: () => randomExpression(random),
    }),
    ...next(random),
  }),
];

let names = 0;

function inner(random: SeededRandom, depth: number, makers: readonly Maker[]): JsonObject {
  const made = depth > 0 ? makers[random.below(makers.length)]?.(random, depth - 1) : undefined;
  const first = `I${names++}`;
  const state = made === undefined || "Choices" in made || made["Next"] !== undefined ? { Type: "Succeed" } : made;
  return { StartAt: first, States: { [first]: state } };
}

/** The variables that the expressions ask for. */
const assigning: JsonObject = { Type: "Pass", Assign: { v: [1, { a: "x" }], w: 2 }, Next: "S" };

/** A machine whose state `S` is of any type; mostly valid. */
export function randomMachine(random: SeededRandom): JsonObject {
  names = 0;
  const isJsonata = random.chance(0.5);
  const makers = isJsonata ? jsonataStates : pathStates;
  const state = makers[random.below(makers.length)]?.(random, 2) ?? {};
  const last: JsonObject = JSON.stringify(state).includes('"Z"') ? { Z: { Type: "Succeed" } } : {};
  return {
    ...(isJsonata ? { QueryLanguage: "JSONata" } : {}),
    StartAt: "V",
    States: { V: assigning, S: state, ...last },
  };
}

const fieldNames: readonly [string, ...string[]] = [
  "Type",
  "Next",
  "End",
  "Default",
  "Choices",
  "Variable",
  "And",
  "Not",
  "StringEquals",
  "IsPresent",
  "Parameters",
  "Arguments",
  "Output",
  "Assign",
  "InputPath",
  "ResultPath",
  "ResultSelector",
  "Result",
  "Retry",
  "Catch",
  "States",
  "ErrorEquals",
  "Branches",
  "ItemProcessor",
  "Iterator",
  "ItemsPath",
  "Items",
  "ItemSelector",
  "ItemReader",
  "Label",
  "ItemBatcher",
  "ResultWriter",
  "ProcessorConfig",
  "MaxConcurrency",
  "Seconds",
  "Timestamp",
  "Error",
  "CausePath",
  "QueryLanguage",
  "TimeoutSeconds",
  "Credentials",
  "Resource",
  "Comment",
  "StartAt",
  "Version",
  "__proto__",
  "Map",
]; // deno-fmt-ignore

/** The value with a member gone, added, renamed, copied from elsewhere or replaced somewhere in it. */
export function altered(value: Json, random: SeededRandom): Json {
  if (random.chance(0.1)) return random.chance(0.5) ? randomJson(random, 2) : randomInput(random);
  if (typeof value === "string") return random.chance(0.5) ? spoilt(value, random) : randomText(random);
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    const at = random.below(items.length + 1);
    if (random.chance(0.3)) return [...items.slice(0, at), ...items.slice(at + 1)];
    return items.length === 0 ? [randomJson(random, 1)] : items.map((item, index) =>
      index === at ? altered(item, random) : item
    );
  }
  if (value === null || typeof value !== "object") return randomJson(random, 1);
  const members = Object.entries(value as JsonObject);
  const at = random.below(members.length + 1);
  const [key, member] = members[at] ?? [random.pick(fieldNames), randomJson(random, 2)];
  const changed: readonly [string, Json][] = random.pick<readonly [string, Json][]>([
    [],
    [[random.pick(fieldNames), member]],
    [[key, member], [random.pick(fieldNames), randomJson(random, 2)]],
    [[key, altered(member, random)]],
    [[key, altered(member, random)]],
    [[key, altered(member, random)]],
  ]);
  return Object.fromEntries([...members.slice(0, at), ...changed, ...members.slice(at + 1)]);
}
