/** Random expressions from a seed: mostly well-formed, over `$d` and `$e`. */

/** A repeatable source of numbers in [0, 1): xorshift on 32 bits. */
export function randomSource(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

const atoms = [
  "$d",
  "$e",
  "$",
  "1",
  "0",
  "-2",
  "2.5",
  '"a"',
  '""',
  '"b,c"',
  "true",
  "null",
  "[]",
  "{}",
  "$d.n",
  "$d.items",
  "$x",
  "$y",
];
const names = [
  "n",
  "items",
  "id",
  "price",
  "tags",
  "name",
  "nums",
  "nested",
  "deep",
  "missing",
  "*",
  "**",
  "%",
  "owner",
];
const binary = ["+", "-", "*", "/", "%", "=", "!=", "<", "<=", ">", ">=", "&", "and", "or", "in", "~>", "??", "?:"];
const unaryFunctions = [
  "string",
  "length",
  "uppercase",
  "trim",
  "number",
  "abs",
  "floor",
  "sum",
  "max",
  "count",
  "average",
  "reverse",
  "distinct",
  "keys",
  "spread",
  "merge",
  "type",
  "exists",
  "boolean",
  "not",
  "sort",
  "clone",
  "join",
]; // deno-fmt-ignore
const binaryFunctions = ["append", "lookup", "contains", "split", "substring", "substringBefore", "pad", "zip", "power", "round", "formatBase", "join", "match"];
const higherOrder = ["map", "filter", "each", "sift", "single", "reduce", "sort"];

/** Makes expressions of about `size` operations. */
export class ExpressionMaker {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  make(size: number): string {
    if (size <= 1) return this.#pick(atoms);
    const shapes = [
      () => this.#path(size),
      () => this.#path(size),
      () => this.#operation(size),
      () => this.#call(size),
      () => this.#call(size),
      () => this.#construction(size),
      () => this.#control(size),
      () => this.#function(size),
    ];
    return this.#pick(shapes)();
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }

  #part(size: number): string {
    return this.make(Math.max(1, Math.floor(size * this.#random())));
  }

  #path(size: number): string {
    let path = this.#pick(["$d", "$e", "$", "$d.items", `(${this.#part(size - 1)})`]);
    for (let steps = 1 + Math.floor(this.#random() * 3); steps > 0; steps--) path += this.#step(size - 1);
    return path;
  }

  #step(size: number): string {
    return this.#pick([
      () => `.${this.#pick(names)}`,
      () => `.${this.#pick(names)}`,
      () => `[${this.#part(size)}]`,
      () => `[${this.#pick(["0", "-1", "1", "$ > 1", "price > 4", "[0..1]"])}]`,
      () => "[]",
      () => `.(${this.#part(size)})`,
      () => `.{${this.#pick(['"k"', "id", "$string(n)"])}: ${this.#part(size)}}`,
      () => `.[${this.#part(size)}]`,
      () => `^(${this.#pick(["", ">"])}${this.#pick(["id", "price", "n", "$"])})`,
      () => `@$x`,
      () => `#$y`,
      () => `{${this.#pick(['"k"', "id", "$string(n)"])}: ${this.#part(size)}}`,
      () => `.${this.#pick(names)}.%`,
    ])();
  }

  #operation(size: number): string {
    const left = this.#part(size - 1);
    const right = this.#part(size - 1);
    return this.#pick([
      () => `(${left} ${this.#pick(binary)} ${right})`,
      () => `${left} ${this.#pick(binary)} ${right}`,
      () => `-${left}`,
    ])();
  }

  #call(size: number): string {
    return this.#pick([
      () => `$${this.#pick(unaryFunctions)}(${this.#part(size - 1)})`,
      () => `$${this.#pick(binaryFunctions)}(${this.#part(size - 1)}, ${this.#part(size - 1)})`,
      () => `$${this.#pick(higherOrder)}(${this.#part(size - 1)}, ${this.#lambda(size - 1)})`,
      () => `${this.#part(size - 1)} ~> $${this.#pick([...unaryFunctions, ...higherOrder])}`,
      () => `(function($x, $y){ ${this.#part(size - 1)} })(?, ${this.#part(size - 1)})(${this.#part(size - 1)})`,
    ])();
  }

  #lambda(size: number): string {
    const parameters = this.#pick(["$x", "$x, $y", "$x, $y, $z", ""]);
    return `function(${parameters}){ ${this.#part(size)} }`;
  }

  #construction(size: number): string {
    return this.#pick([
      () => `[${this.#part(size - 1)}, ${this.#part(size - 1)}]`,
      () => `[${this.#part(size - 1)}]`,
      () => `[${this.#pick(["0", "1", "-1"])}..${this.#pick(["3", "2", "$d.n"])}]`,
      () => `{"a": ${this.#part(size - 1)}, "b": ${this.#part(size - 1)}}`,
      () => `{$string(${this.#part(size - 1)}): ${this.#part(size - 1)}}`,
    ])();
  }

  #control(size: number): string {
    return this.#pick([
      () => `(${this.#part(size - 1)} ? ${this.#part(size - 1)} : ${this.#part(size - 1)})`,
      () => `($x := ${this.#part(size - 1)}; ${this.#part(size - 1)})`,
      () => `($x := ${this.#part(size - 1)}; $y := ${this.#part(size - 1)}; [$x, $y])`,
      () => `(${this.#part(size - 1)})`,
    ])();
  }

  #function(size: number): string {
    return this.#pick([
      () => `(${this.#lambda(size - 1)})(${this.#part(size - 1)})`,
      () => `($x := ${this.#lambda(size - 1)}; $x(${this.#part(size - 1)}))`,
      () => `${this.#part(size - 1)} ~> |${this.#pick(["$", "items", "**"])}|{"z": ${this.#part(size - 1)}}|`,
    ])();
  }
}

const fragments = [
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  "|",
  "?",
  ":",
  ":=",
  ";",
  ",",
  "/",
  "/a/",
  "'",
  '"',
  "`",
  "/*",
  "*/",
  "function",
  "<",
  ">",
  "@",
  "#",
  "%",
  "^",
  "λ",
  "..",
  "~>",
  "$",
  "\\",
  "\u0000",
  "é",
  "😀",
]; // deno-fmt-ignore

/** The text with some of it taken out, doubled, or replaced: mostly no expression any more. */
export function mangled(text: string, random: () => number): string {
  let result = text;
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--) {
    const at = Math.floor(random() * (result.length + 1));
    const length = Math.floor(random() * 4);
    const put = fragments[Math.floor(random() * fragments.length)] ?? "";
    result = result.slice(0, at) + (random() < 0.7 ? put : "") + result.slice(at + length);
  }
  return result;
}
