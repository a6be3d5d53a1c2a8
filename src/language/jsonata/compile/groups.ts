/** Objects: `{key: value}` as a constructor, and after an expression to group its results by key. */
import type { Evaluate } from "../values/callable.ts";
import { fail } from "../failure.ts";
import { Frame } from "../values/frame.ts";
import type { Run } from "../limits.ts";
import {
  append,
  type Bindings,
  isArray,
  type MutableObject,
  setOwn,
  TupleStream,
  type Value,
} from "../values/values.ts";

/** Groups a value's members. */
export type Group = (input: Value, frame: Frame, run: Run) => Value;

/** `key: value`. */
export interface CompiledPair {
  readonly key: Evaluate;
  readonly value: Evaluate;
}

/** Joins values as `$append` does, one by one, without a copy each time. */
class Appender {
  value: Value = undefined;
  #own: Value[] | undefined;

  add(value: Value, run: Run): void {
    if (value === undefined) return;
    if (this.value === undefined) {
      this.value = value;
    } else if (this.#own === undefined) {
      // Both are something, so what comes back is a new array.
      this.value = this.#own = append(this.value, value, run) as Value[];
    } else {
      for (const member of isArray(value) ? value : [value]) {
        this.#own.push(member);
        run.grow(this.#own.length);
      }
    }
  }
}

/** The members of one key. */
interface Collected {
  readonly pairIndex: number;
  readonly members: Appender;
  /** Bindings of the members, when they come from a path that binds names. */
  readonly bindings: Bindings[];
}

/** `{…}` with keys that are evaluated. */
export function groupBy(pairs: readonly CompiledPair[]): Group {
  return (input, frame, run) => {
    const collected = collect(pairs, input, frame, run);
    const result: MutableObject = {};
    run.allocate(48 + 32 * collected.size);
    for (const [key, entry] of collected) {
      const isStream = input instanceof TupleStream;
      const scope = isStream ? reducedFrame(entry.bindings, frame, run) : frame;
      const pair = pairs[entry.pairIndex];
      const value = pair?.value(entry.members.value, scope, run);
      if (value !== undefined) setOwn(result, key, value);
    }
    return result;
  };
}

function collect(pairs: readonly CompiledPair[], input: Value, frame: Frame, run: Run): Map<string, Collected> {
  const collected = new Map<string, Collected>();
  const stream = input instanceof TupleStream ? input : undefined;
  const items = !isArray(input) ? [input] : input.length === 0 && stream === undefined ? [undefined] : input;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const bindings = stream?.bindings[index];
    const scope = bindings === undefined ? frame : new Frame(frame, bindings.names, bindings.values);
    for (const [pairIndex, pair] of pairs.entries()) {
      run.charge(1);
      const key = pair.key(item, scope, run);
      if (key === undefined) continue;
      if (typeof key !== "string") throw fail("T1003", { value: key });
      run.charge(key.length >> 6);
      let entry = collected.get(key);
      if (entry === undefined) {
        run.allocate(96);
        entry = { pairIndex, members: new Appender(), bindings: [] };
        collected.set(key, entry);
      } else if (entry.pairIndex !== pairIndex) {
        throw fail("D1009", { value: key });
      }
      entry.members.add(item, run);
      if (bindings !== undefined) entry.bindings.push(bindings);
    }
  }
  return collected;
}

/** The names that the members of one key bind, each with all its values. */
function reducedFrame(members: readonly Bindings[], frame: Frame, run: Run): Frame {
  const reduced = new Map<string, Appender>();
  for (const { names, values } of members) {
    for (const [index, name] of names.entries()) {
      run.charge(1);
      let appender = reduced.get(name);
      if (appender === undefined) {
        appender = new Appender();
        reduced.set(name, appender);
      }
      appender.add(values[index], run);
    }
  }
  return new Frame(frame, [...reduced.keys()], [...reduced.values()].map((appender) => appender.value));
}

/** `{"a": …, "b": …}`: keys as written, all different. */
export function literalObject(
  keys: readonly string[],
  values: readonly Evaluate[],
  pairs: readonly CompiledPair[],
): Group {
  const grouped = groupBy(pairs);
  return (input, frame, run) => {
    if (isArray(input)) return grouped(input, frame, run);
    const result: MutableObject = {};
    run.charge(keys.length);
    run.allocate(48 + 32 * keys.length);
    for (let index = 0; index < keys.length; index++) {
      const value = (values[index] as Evaluate)(input, frame, run);
      if (value !== undefined) setOwn(result, keys[index] as string, value);
    }
    return result;
  };
}
