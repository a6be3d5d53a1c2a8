/** States written in JSONPath, said in JSONata: the same shapes, by the other language's fields. */
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import type { CatcherJson, RuleJson, ScopeJson, StateJson } from "../reference/definition.ts";
import type { SimRandom } from "../world/sim_random.ts";

/** What a state leads to: always something of the common shape. */
const commonShape = {
  n: "{% $states.input.n %}",
  list: "{% $states.input.list %}",
  tag: "{% $states.input.tag %}",
} as const;

const leaves: readonly StateJson["Type"][] = ["Pass", "Task", "Wait", "Choice"];

/** The whole machine in JSONata. */
export function inJsonata(machine: ScopeJson): ScopeJson {
  return { QueryLanguage: "JSONata", ...scopeInJsonata(machine) };
}

/** Some of its states in JSONata, the others as they are. */
export function partlyInJsonata(random: SimRandom, machine: ScopeJson): ScopeJson {
  const states = Object.entries(machine.States).map(([name, state]): [string, StateJson] => {
    const isOther = leaves.includes(state.Type) && random.chance(0.4);
    return [name, isOther ? { QueryLanguage: "JSONata", ...stateInJsonata(state) } : state];
  });
  return { ...machine, States: Object.fromEntries(states) };
}

function scopeInJsonata(scope: ScopeJson): ScopeJson {
  const states = Object.entries(scope.States).map(([name, state]) => [name, stateInJsonata(state)]);
  return { ...scope, States: Object.fromEntries(states) };
}

function stateInJsonata(state: StateJson): StateJson {
  const { Parameters, SecondsPath, ItemsPath, ItemSelector, ...rest } = withoutResult(state);
  const { Assign, Catch, Choices, Branches, ItemProcessor, ...kept } = rest;
  const output = outputOf(state);
  return {
    ...kept,
    ...(Parameters === undefined || state.Type === "Pass" ? {} : { Arguments: template(Parameters) }),
    ...(output === undefined ? {} : { Output: output }),
    ...(SecondsPath === undefined ? {} : { Seconds: expression(SecondsPath) }),
    ...(ItemsPath === undefined ? {} : { Items: expression(ItemsPath) }),
    ...(ItemSelector === undefined ? {} : { ItemSelector: template(ItemSelector) }),
    ...(Assign === undefined ? {} : { Assign: template(Assign) }),
    ...(Catch === undefined ? {} : { Catch: Catch.map(catcher) }),
    ...(Choices === undefined ? {} : { Choices: Choices.map(rule) }),
    ...(Branches === undefined ? {} : { Branches: Branches.map(scopeInJsonata) }),
    ...(ItemProcessor === undefined ? {} : { ItemProcessor: scopeInJsonata(ItemProcessor) }),
  };
}

/** Its result becomes an output in another way. */
function withoutResult({ Result: _result, ResultSelector: _selector, ResultPath: _path, ...state }: StateJson) {
  return state;
}

/** `undefined`: what comes of the state as it is. */
function outputOf({ Type, Parameters, Result, ResultSelector, ResultPath }: StateJson): Json | undefined {
  const isPass = Type === "Pass";
  const made = isPass
    ? Result ?? (Parameters === undefined ? undefined : template(Parameters))
    : ResultSelector === undefined
    ? undefined
    : template(ResultSelector, "$states.result");
  if (ResultPath === undefined) return made;
  if (ResultPath === null) return "{% $states.input %}";
  const result = made ?? (isPass ? "{% $states.input %}" : "{% $states.result %}");
  return { ...commonShape, [ResultPath.slice(2)]: result };
}

function catcher({ ResultPath: _path, ...kept }: CatcherJson): CatcherJson {
  return { ...kept, Output: { ...commonShape, caught: "{% $states.errorOutput %}" } };
}

function rule({ Variable = "$", NumericGreaterThan, NumericEquals, StringEquals, Next }: RuleJson): RuleJson {
  const value = inner(Variable);
  const Condition = NumericGreaterThan !== undefined
    ? `{% ${value} > ${NumericGreaterThan} %}`
    : `{% ${value} = ${JSON.stringify(NumericEquals ?? StringEquals ?? null)} %}`;
  return { Condition, Next };
}

function template(value: Json, root?: string): Json {
  if (Array.isArray(value)) return value.map((item) => template(item, root));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, each]) =>
      key.endsWith(".$") ? [key.slice(0, -2), expression(String(each), root)] : [key, template(each, root)]
    ),
  );
}

function expression(path: string, root?: string): string {
  return `{% ${inner(path, root)} %}`;
}

function inner(path: string, root = "$states.input"): string {
  if (path === "States.UUID()") return "$uuid()";
  if (path.startsWith("$$")) return `$states.context${path.slice(2)}`;
  return path === "$" || path.startsWith("$.") ? root + path.slice(1) : path;
}
