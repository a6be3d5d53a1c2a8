/** Paths: `a.b[c > 1]@$x.d^(e){f: g}`. Each step is evaluated on every item that the step before gave, and the results are flattened. */
import type { Evaluate } from "../values/callable.ts";
import { applyFilter, type Filter } from "./filters.ts";
import { Frame } from "../values/frame.ts";
import type { Group } from "./groups.ts";
import type { Run } from "../limits.ts";
import type { Sort } from "./sorting.ts";
import {
  type Bindings,
  ConstructedArray,
  isArray,
  isObject,
  ownValue,
  Sequence,
  TupleStream,
  unwrap,
  type Value,
} from "../values/values.ts";

/** What follows a step: conditions, and names bound to positions. */
export type PathStage =
  | { readonly kind: "filter"; readonly filter: Filter }
  | { readonly kind: "index"; readonly name: string };

/** One compiled step. */
export interface Step {
  readonly evaluate: Evaluate;
  /** Set for `^(…)`: the step orders what came so far. */
  readonly sort: Sort | undefined;
  /** Set for a bare field name: it is looked up without a detour. */
  readonly name: string | undefined;
  readonly stages: readonly PathStage[];
  readonly isTuple: boolean;
  readonly focus: string | undefined;
  readonly index: string | undefined;
  readonly ancestor: string | undefined;
  readonly constructsArray: boolean;
}

/** A compiled path. */
export interface Path {
  readonly steps: readonly Step[];
  /** The path starts at a variable: an array as context is not gone through. */
  readonly startsAtVariable: boolean;
  /** `[]` was written somewhere: a single result stays an array. */
  readonly keepSingleton: boolean;
  readonly group: Group | undefined;
  /** The path is a step of another one that wants the names it binds. */
  readonly keepTuples: boolean;
}

const noBindings: Bindings = { names: [], values: [] };

/** Chooses the way a path is evaluated. */
export function pathEvaluator(path: Path): Evaluate {
  const [first, ...rest] = path.steps;
  const names: string[] = [];
  for (const step of rest) {
    if (step.name !== undefined && step.stages.length === 0 && !step.isTuple) names.push(step.name);
  }
  const isChain = first !== undefined && first.sort === undefined && first.stages.length === 0 && !first.isTuple &&
    !first.constructsArray && names.length === rest.length && !path.keepSingleton && path.group === undefined;
  return isChain ? fieldChain(path, first, names) : (input, frame, run) => evaluatePath(path, input, frame, run);
}

/** `$a.b.c` and `a.b.c`: as long as there are objects, no sequence is made. */
function fieldChain(path: Path, first: Step, names: readonly string[]): Evaluate {
  const { startsAtVariable } = path;
  return (input, frame, run) => {
    if (!startsAtVariable && isArray(input)) return evaluatePath(path, input, frame, run);
    let value = first.evaluate(input, frame, run);
    run.charge(1 + names.length);
    for (let index = 0; index < names.length; index++) {
      if (isArray(value)) return unwrap(evaluateSteps(path, index + 1, itemsOf(value), frame, run));
      if (!isObject(value)) return undefined;
      value = ownValue(value, names[index] as string);
    }
    if (!(value instanceof Sequence)) return value;
    return unwrap(flatten([value], true, run));
  };
}

function evaluatePath(path: Path, input: Value, frame: Frame, run: Run): Value {
  const items = isArray(input) && !path.startsAtVariable ? input : Sequence.single(input);
  return evaluateSteps(path, 0, items, frame, run);
}

/** The steps from `start` on; `items` is what the steps before gave. The result may be a sequence still to be unwrapped. */
function evaluateSteps(path: Path, start: number, items: readonly Value[], frame: Frame, run: Run): Value {
  const { steps } = path;
  let input = items;
  let result = items;
  let stream: TupleStream | undefined;
  for (let index = start; index < steps.length; index++) {
    const step = steps[index] as Step;
    const isLast = index === steps.length - 1;
    if (index === 0 && step.constructsArray) {
      result = arrayOf(step.evaluate(input as Value, frame, run));
    } else if (stream !== undefined || step.isTuple) {
      stream = evaluateTupleStep(step, input, stream, frame, run);
    } else {
      result = evaluateStep(step, input, isLast, frame, run);
    }
    if (stream === undefined && result.length === 0) break;
    if (step.focus === undefined) input = result;
  }
  if (stream !== undefined) result = path.keepTuples || path.group !== undefined ? stream : membersOf(stream);
  if (path.keepSingleton) result = keepSingleton(result);
  return path.group === undefined ? result : path.group(result, frame, run);
}

function keepSingleton(result: readonly Value[]): readonly Value[] {
  const kept = result instanceof ConstructedArray ? Sequence.single(result) : result;
  if (kept instanceof Sequence) kept.keepSingleton = true;
  return kept;
}

function membersOf(stream: TupleStream): Sequence {
  const members = new Sequence();
  for (const member of stream) members.push(member);
  return members;
}

function arrayOf(value: Value): readonly Value[] {
  if (value === undefined) return new Sequence();
  return isArray(value) ? value : Sequence.single(value);
}

/** A step's single result as the items of the next step. */
function itemsOf(value: readonly Value[]): readonly Value[] {
  return value instanceof ConstructedArray ? Sequence.single(value) : value;
}

function evaluateStep(step: Step, input: readonly Value[], isLast: boolean, frame: Frame, run: Run): readonly Value[] {
  if (step.sort !== undefined) return applyStages(step.stages, step.sort(input, frame, run), frame, run);
  const results: Value[] = [];
  for (let index = 0; index < input.length; index++) {
    const item = input[index];
    run.charge(1);
    let result = step.name === undefined ? step.evaluate(item, frame, run) : unwrap(lookup(item, step.name, run, 0));
    for (const stage of step.stages) {
      if (stage.kind === "filter") result = applyFilter(stage.filter, result, frame, run);
    }
    if (result !== undefined) results.push(result);
  }
  return flatten(results, isLast, run);
}

/** One level of arrays is dissolved. A single plain array at the end of a path stays what it is. */
function flatten(results: readonly Value[], isLast: boolean, run: Run): readonly Value[] {
  const only = results[0];
  if (isLast && results.length === 1 && isArray(only) && !(only instanceof Sequence)) return only;
  const flat = new Sequence();
  for (let index = 0; index < results.length; index++) {
    const result = results[index];
    if (!isArray(result) || result instanceof ConstructedArray) {
      flat.push(result);
      run.grow(flat.length);
    } else {
      run.reserveArray(flat.length + result.length);
      for (let member = 0; member < result.length; member++) flat.push(result[member]);
    }
  }
  return flat;
}

/** A field of an object, or of every object in an array. */
export function lookup(value: Value, name: string, run: Run, depth: number): Value {
  if (isObject(value)) return ownValue(value, name);
  if (!isArray(value)) return undefined;
  run.descend(depth);
  const found = new Sequence();
  for (let index = 0; index < value.length; index++) {
    run.charge(1);
    const result = lookup(value[index], name, run, depth + 1);
    if (isArray(result)) {
      for (const member of result) {
        found.push(member);
        run.grow(found.length);
      }
    } else if (result !== undefined) {
      found.push(result);
      run.grow(found.length);
    }
  }
  return found;
}

function applyStages(
  stages: readonly PathStage[],
  input: readonly Value[],
  frame: Frame,
  run: Run,
): readonly Value[] {
  let result = input;
  for (const stage of stages) {
    if (stage.kind === "filter") {
      result = applyFilter(stage.filter, result, frame, run);
    } else if (result instanceof TupleStream) {
      result = numbered(result, stage.name, run);
    }
  }
  return result;
}

/** The stream with each member's position bound to `name`. */
function numbered(stream: TupleStream, name: string, run: Run): TupleStream {
  const result = new TupleStream();
  const binder = new Binder(name);
  for (let index = 0; index < stream.length; index++) {
    result.add(stream[index], binder.bind(stream.bindings[index] ?? noBindings, index, run));
  }
  return result;
}

/** Adds one name to bindings. Those of a stream share the array of their names, so the longer one is made once for them all. */
class Binder {
  readonly #name: string;
  #shorter: readonly string[] = [];
  #longer: readonly string[];

  constructor(name: string) {
    this.#name = name;
    this.#longer = [name];
  }

  bind({ names, values }: Bindings, value: Value, run: Run): Bindings {
    run.charge(1 + (names.length >> 2));
    run.allocate(64 + 8 * names.length);
    const place = names.indexOf(this.#name);
    if (place >= 0) return { names, values: values.with(place, value) };
    if (names !== this.#shorter) {
      this.#shorter = names;
      this.#longer = [...names, this.#name];
      run.allocate(8 * names.length);
    }
    const extended = values.slice();
    extended.push(value);
    return { names: this.#longer, values: extended };
  }
}

function binderOf(name: string | undefined): Binder | undefined {
  return name === undefined ? undefined : new Binder(name);
}

function merged(bindings: Bindings, more: Bindings, run: Run): Bindings {
  let result = bindings;
  for (const [index, name] of more.names.entries()) result = new Binder(name).bind(result, more.values[index], run);
  return result;
}

function evaluateTupleStep(
  step: Step,
  input: readonly Value[],
  before: TupleStream | undefined,
  frame: Frame,
  run: Run,
): TupleStream {
  const stream = step.sort === undefined
    ? bindStep(step, before ?? streamOf(input), frame, run)
    : sortStep(step, step.sort, input, before, frame, run);
  const result = applyStages(step.stages, stream, frame, run);
  return result instanceof TupleStream ? result : streamOf(result);
}

function streamOf(input: readonly Value[]): TupleStream {
  const stream = new TupleStream();
  for (let index = 0; index < input.length; index++) stream.add(input[index], noBindings);
  return stream;
}

function sortStep(
  step: Step,
  sort: Sort,
  input: readonly Value[],
  before: TupleStream | undefined,
  frame: Frame,
  run: Run,
): TupleStream {
  const sorted = sort(before ?? input, frame, run);
  const stream = sorted instanceof TupleStream ? sorted : streamOf(sorted);
  return before === undefined && step.index !== undefined ? numbered(stream, step.index, run) : stream;
}

function bindStep(step: Step, before: TupleStream, frame: Frame, run: Run): TupleStream {
  const stream = new TupleStream();
  const binders = { focus: binderOf(step.focus), index: binderOf(step.index), ancestor: binderOf(step.ancestor) };
  for (let index = 0; index < before.length; index++) {
    const item = before[index];
    const bindings = before.bindings[index] ?? noBindings;
    const result = step.evaluate(item, new Frame(frame, bindings.names, bindings.values), run);
    if (result === undefined) continue;
    const members = isArray(result) ? result : [result];
    for (let place = 0; place < members.length; place++) {
      run.grow(stream.length + 1);
      const member = members[place];
      if (result instanceof TupleStream) {
        stream.add(member, merged(bindings, result.bindings[place] ?? noBindings, run));
      } else {
        let bound = binders.focus?.bind(bindings, member, run) ?? bindings;
        bound = binders.index?.bind(bound, place, run) ?? bound;
        bound = binders.ancestor?.bind(bound, item, run) ?? bound;
        stream.add(step.focus === undefined ? member : item, bound);
      }
    }
  }
  return stream;
}
