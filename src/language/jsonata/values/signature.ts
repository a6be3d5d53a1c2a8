/**
 * Function signatures such as `<s-n?:s>`: which arguments a function takes, and what it gets for those that are left out.
 *
 * | symbol | value | | symbol | meaning |
 * |---|---|---|---|---|
 * | `s` `n` `b` `l` | string, number, boolean, null | | `-` | the context value when left out |
 * | `a` `a<n>` | array (a single value is made one) | | `?` | may be left out |
 * | `o` `f` | object, function | | `+` | one or more |
 * | `j` `x` | any JSON, anything | | `(ns)` | one of these |
 */
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { Callable, isArray, type Value } from "./values.ts";

const MISSING = 1;
const symbolBits: Readonly<Record<string, number>> = { s: 2, n: 4, b: 8, l: 16, a: 32, o: 64, f: 128 };
const ANY_JSON = MISSING | 2 | 4 | 8 | 16 | 32 | 64;
const ANYTHING = ANY_JSON | 128;

const arrayTypes: Readonly<Record<string, string>> = {
  a: "arrays",
  b: "booleans",
  f: "functions",
  n: "numbers",
  o: "objects",
  s: "strings",
};

interface Parameter {
  /** Bits of the kinds of value it takes. */
  readonly accepts: number;
  readonly isArray: boolean;
  /** The kind of an array's members, where given. */
  subtype: string | undefined;
  quantifier: "one" | "optional" | "many";
  usesContext: boolean;
}

/** The most parameters a signature may have. */
const PARAMETERS_MAX = 100;

/** The bit of the value's kind. */
function bitOf(value: Value): number {
  switch (typeof value) {
    case "string":
      return 2;
    case "number":
      return 4;
    case "boolean":
      return 8;
    case "undefined":
      return MISSING;
  }
  if (value === null) return 16;
  if (value instanceof Callable) return 128;
  return Array.isArray(value) ? 32 : 64;
}

/** A parsed signature. */
export class Signature {
  readonly #parameters: readonly Parameter[];
  /** Every parameter takes exactly the argument in its place, and none makes arrays. */
  readonly #isPlain: boolean;

  private constructor(parameters: readonly Parameter[]) {
    this.#parameters = parameters;
    this.#isPlain = parameters.every((parameter) => parameter.quantifier !== "many" && !parameter.isArray);
  }

  /** Parses `<…>`; nothing when it is not one that can be used. */
  static parse(definition: string): Signature | undefined {
    const parameters: Parameter[] = [];
    for (let position = 1; position < definition.length; position++) {
      const symbol = definition.charAt(position);
      const last = parameters[parameters.length - 1];
      if (symbol === ":") break;
      if (symbol === "<") {
        const end = closingBracket(definition, position, "<", ">");
        if (last !== undefined) last.subtype = definition.slice(position + 1, end);
        position = end;
      } else if (symbol === "(") {
        const end = closingBracket(definition, position, "(", ")");
        parameters.push(choice(definition.slice(position + 1, end)));
        position = end;
      } else if (last !== undefined && (symbol === "-" || symbol === "?" || symbol === "+")) {
        if (symbol === "-") last.usesContext = true;
        last.quantifier = symbol === "+" ? "many" : "optional";
      } else {
        const parameter = single(symbol);
        if (parameter !== undefined) parameters.push(parameter);
      }
    }
    return parameters.length > PARAMETERS_MAX ? undefined : new Signature(parameters);
  }

  /**
   * The arguments as the function gets them.
   * @param context what a parameter with `-` is when left out
   * @param token the function's name in messages
   */
  validate(args: readonly Value[], context: Value, run: Run, token: string | undefined): readonly Value[] {
    const parameters = this.#parameters;
    if (this.#isPlain && args.length === parameters.length) {
      let fits = true;
      for (let index = 0; index < args.length; index++) {
        if ((bitOf(args[index]) & (parameters[index]?.accepts ?? 0)) === 0) fits = false;
      }
      if (fits) return args;
    }
    run.charge(parameters.length + args.length);
    const bits = args.map(bitOf);
    const counts = this.#match(bits, parameters.length, true);
    if (counts === undefined) throw this.#mismatch(args, bits, token);
    return this.#assign(args, bits, counts, context, token);
  }

  /** How many arguments each parameter takes, first parameters first and each as many as it can; nothing when it cannot be. */
  #match(bits: readonly number[], parameterCount: number, whole: boolean): number[] | undefined {
    const dead = new Set<number>();
    const counts: number[] = [];
    const from = (parameterIndex: number, argumentIndex: number): boolean => {
      if (parameterIndex === parameterCount) return !whole || argumentIndex === bits.length;
      const state = parameterIndex * (bits.length + 1) + argumentIndex;
      if (dead.has(state)) return false;
      const parameter = this.#parameters[parameterIndex];
      if (parameter === undefined) return false;
      const least = parameter.quantifier === "optional" ? 0 : 1;
      const most = parameter.quantifier === "many" ? bits.length - argumentIndex : 1;
      let count = 0;
      while (count < most && ((bits[argumentIndex + count] ?? 0) & parameter.accepts) !== 0) count++;
      for (; count >= least; count--) {
        counts[parameterIndex] = count;
        if (from(parameterIndex + 1, argumentIndex + count)) return true;
      }
      dead.add(state);
      return false;
    };
    return from(0, 0) ? counts : undefined;
  }

  #mismatch(args: readonly Value[], bits: readonly number[], token: string | undefined): unknown {
    let good = 0;
    for (let count = 1; count <= this.#parameters.length; count++) {
      const counts = this.#match(bits, count, false);
      if (counts === undefined) break;
      good = 0;
      for (let index = 0; index < count; index++) good += counts[index] ?? 0;
    }
    return fail("T0410", { value: args[good], index: good + 1, token });
  }

  #assign(
    args: readonly Value[],
    bits: readonly number[],
    counts: readonly number[],
    context: Value,
    token: string | undefined,
  ): Value[] {
    const assigned: Value[] = [];
    let next = 0;
    for (const [index, parameter] of this.#parameters.entries()) {
      const count = counts[index] ?? 0;
      if (count === 0 && parameter.usesContext) {
        if ((bitOf(context) & parameter.accepts) === 0) throw fail("T0411", { value: context, index: next + 1, token });
        assigned.push(context);
      } else if (count === 0) {
        assigned.push(args[next++]);
      }
      for (let taken = 0; taken < count; taken++, next++) {
        assigned.push(
          parameter.isArray
            ? arrayArgument(args[next], bits[next] ?? MISSING, parameter, count, next + 1, token)
            : args[next],
        );
      }
    }
    return assigned;
  }
}

/** An argument where an array is wanted: its members are checked, a single value is made an array. */
function arrayArgument(
  value: Value,
  bit: number,
  parameter: Parameter,
  count: number,
  index: number,
  token: string | undefined,
): Value {
  if (bit === MISSING) return undefined;
  const subtype = parameter.subtype;
  if (subtype !== undefined) {
    const wanted = symbolBits[subtype.charAt(0)] ?? 0;
    const fits = isArray(value)
      ? value.every((member) => bitOf(member) === wanted)
      : count === 1 && subtype.length === 1 && bit === wanted;
    if (!fits) throw fail("T0412", { value, index, token, type: arrayTypes[subtype] });
  }
  return isArray(value) ? value : [value];
}

function single(symbol: string): Parameter | undefined {
  switch (symbol) {
    case "s":
    case "n":
    case "b":
    case "l":
    case "o":
      return parameter((symbolBits[symbol] ?? 0) | MISSING);
    case "f":
      return parameter(symbolBits["f"] ?? 0);
    case "a":
      return { ...parameter(ANYTHING), isArray: true };
    case "j":
      return parameter(ANY_JSON);
    case "x":
      return parameter(ANYTHING);
    default:
      return undefined;
  }
}

function choice(symbols: string): Parameter {
  let accepts = MISSING;
  for (const symbol of symbols) accepts |= symbolBits[symbol] ?? 0;
  return parameter(accepts);
}

function parameter(accepts: number): Parameter {
  return { accepts, isArray: false, subtype: undefined, quantifier: "one", usesContext: false };
}

function closingBracket(text: string, start: number, open: string, close: string): number {
  let depth = 1;
  for (let position = start + 1; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === open) depth++;
    else if (character === close && --depth === 0) return position;
  }
  return text.length;
}
