/** `|pattern|update, delete|`: a function that changes a copy of what it is given. */
import { Builtin, type Evaluate, invoke } from "../values/callable.ts";
import type { Compile } from "./calls.ts";
import { fail } from "../failure.ts";
import type { Frame } from "../values/frame.ts";
import type { Run } from "../limits.ts";
import { Signature } from "../values/signature.ts";
import type { NodeOf } from "../syntax/node.ts";
import { stringOf } from "../values/text.ts";
import {
  Callable,
  isArray,
  isNumeric,
  isObject,
  type MutableObject,
  setOwn,
  type Value,
  type ValueObject,
} from "../values/values.ts";

const signature = Signature.parse("<(oa):o>");

/** The objects of a copy: only these may be changed. A pattern may also name values from elsewhere, which are left alone. */
type Owned = Map<Value, MutableObject>;

/** Compiles `|pattern|update, delete|` to what makes the function. */
export function compileTransform(node: NodeOf<"transform">, compile: Compile): Evaluate {
  const pattern = compile(node.pattern);
  const update = compile(node.update);
  const remove = node.remove === undefined ? undefined : compile(node.remove);
  return (_input, frame, run) => {
    run.charge(1);
    run.allocate(64);
    return new Builtin("transform", 1, signature, ([value], callRun) => {
      if (value === undefined) return undefined;
      const owned: Owned = new Map();
      const copy = cloneFor(value, owned, frame, callRun);
      const matches = pattern(copy, frame, callRun);
      if (matches === undefined) return copy;
      for (const match of isArray(matches) ? matches : [matches]) {
        callRun.charge(1);
        applyUpdate(match, update(match, frame, callRun), owned, callRun);
        if (remove !== undefined) applyRemoval(match, remove(match, frame, callRun), owned, callRun);
      }
      return copy;
    });
  };
}

/** A deep copy. An expression may put a function of its own in the place of `$clone`; its result is copied again. */
function cloneFor(value: Value, owned: Owned, frame: Frame, run: Run): Value {
  const cloneFunction = frame.lookup("clone", run);
  if (!(cloneFunction instanceof Callable)) throw fail("T2013");
  const source = cloneFunction instanceof Builtin ? value : invoke(cloneFunction, [value], null, run);
  return deepClone(source, run, owned);
}

function applyUpdate(match: Value, update: Value, owned: Owned, run: Run): void {
  if (update === undefined) return;
  if (!isObject(update)) throw fail("T2011", { value: update });
  const keys = Object.keys(update);
  if (keys.length > 0 && !isArray(match) && !isObject(match)) throw fail("D3161", { value: match });
  const target = owned.get(match);
  if (target === undefined) return;
  for (const key of keys) {
    run.charge(1);
    run.allocate(32);
    setOwn(target, key, update[key]);
  }
}

function applyRemoval(match: Value, removal: Value, owned: Owned, run: Run): void {
  if (removal === undefined) return;
  for (const key of isArray(removal) ? removal : [removal]) {
    run.charge(1);
    if (typeof key !== "string") throw fail("T2012", { value: removal });
  }
  const target = owned.get(match);
  if (target === undefined) return;
  for (const key of isArray(removal) ? removal : [removal]) delete target[String(key)];
}

/**
 * A deep copy, as if written as JSON and read again: functions are "", numbers have 15 digits. The objects made are added
 * to `owned`.
 */
export function deepClone(value: Value, run: Run, owned?: Owned, depth = 0): Value {
  if (typeof value === "number") return isNumeric(value) ? Number(stringOf(value, run)) : null;
  if (value instanceof Callable) return "";
  if (typeof value !== "object" || value === null) return value;
  run.descend(depth);
  if (isArray(value)) {
    run.reserveArray(value.length);
    const members: Value[] = [];
    for (const member of value) members.push(deepClone(member ?? null, run, owned, depth + 1));
    return members;
  }
  return cloneObject(value, run, owned, depth);
}

function cloneObject(object: ValueObject, run: Run, owned: Owned | undefined, depth: number): Value {
  const keys = Object.keys(object);
  run.charge(1 + keys.length);
  run.allocate(64 + 32 * keys.length);
  const copy: MutableObject = {};
  for (const key of keys) {
    const value = object[key];
    if (value !== undefined) setOwn(copy, key, deepClone(value, run, owned, depth + 1));
  }
  owned?.set(copy, copy);
  return copy;
}
