/** Variables by scope. A frame is made for a block, a call, or a step of a path that binds names. */
import type { Run } from "../limits.ts";
import { type Value, type ValueObject } from "./values.ts";

const none: readonly never[] = [];

/** One scope. */
export class Frame {
  readonly parent: Frame | undefined;
  /** Root only: variables by name from outside, and the built-in functions below them. */
  readonly #globals: ValueObject | undefined;
  readonly #functions: ReadonlyMap<string, Value> | undefined;
  #names: readonly string[];
  #values: readonly Value[];
  #own = false;

  /** A frame with the names and values given: the arrays are shared, and copied before the first change. */
  constructor(
    parent: Frame | undefined,
    names: readonly string[] = none,
    values: readonly Value[] = none,
    globals?: ValueObject,
    functions?: ReadonlyMap<string, Value>,
  ) {
    this.parent = parent;
    this.#names = names;
    this.#values = values;
    this.#globals = globals;
    this.#functions = functions;
  }

  /** The frame of a whole expression. */
  static root(globals: ValueObject, functions: ReadonlyMap<string, Value>): Frame {
    return new Frame(undefined, none, none, globals, functions);
  }

  /** The value bound to `name` in this scope or one around it; nothing when there is none. */
  lookup(name: string, run: Run): Value {
    let steps = 1;
    // deno-lint-ignore no-this-alias -- the walk begins at this frame and goes on to others
    let frame: Frame | undefined = this;
    for (; frame !== undefined; frame = frame.parent) {
      const names = frame.#names;
      for (let index = names.length - 1; index >= 0; index--) {
        if (names[index] === name) {
          run.charge(steps);
          return frame.#values[index];
        }
      }
      steps += 1 + (names.length >> 3);
      if (frame.#globals !== undefined) {
        run.charge(steps);
        return Object.hasOwn(frame.#globals, name) ? frame.#globals[name] : frame.#functions?.get(name);
      }
    }
    run.charge(steps);
    return undefined;
  }

  /** Binds in this very scope, over a value that the name may have had here. */
  bind(name: string, value: Value, run: Run): void {
    run.charge(1 + (this.#names.length >> 3));
    if (!this.#own) {
      this.#names = this.#names.slice();
      this.#values = this.#values.slice(0, this.#names.length);
      this.#own = true;
    }
    const names = this.#names as string[];
    const values = this.#values as Value[];
    const index = names.lastIndexOf(name);
    if (index >= 0) {
      values[index] = value;
    } else {
      while (values.length < names.length) values.push(undefined);
      names.push(name);
      values.push(value);
    }
  }
}
