/**
 * What is looked at before an expression is given to the parser, since the parser of the jsonata package has no bounds of its own.
 *
 * - Brackets within each other, and operators one after the other: the parser recurses on them.
 * - `a ?? b` and `a ?: b`: the parser copies `a`, so `((a ?? b) ?? c) ?? d` doubles with each level. The weight of an expression
 *   is the number of its tokens with every such copy counted.
 *
 * One pass over the tokens, told apart as the parser does: a `/` begins a regular expression where an operand is expected, and
 * divides where one has ended. Where the parser sees it otherwise it reports a syntax error at that very token, except between the
 * `<` and `>` of a function's signature; there a `/` is refused here.
 */

/** Why an expression is not even parsed. */
export interface PrecheckFailure {
  readonly message: string;
  readonly position: number;
}

/** The bounds of an expression's text. */
export interface PrecheckLimits {
  readonly sourceCharactersMax: number;
  /** Brackets within each other. */
  readonly nestingMax: number;
  /** Operators on the way down, those beside each other without a comma or semicolon between them included. */
  readonly operatorsMax: number;
  readonly weightMax: number;
}

/** As large as Step Functions users may need, and parsed in a few milliseconds. */
export const defaultPrecheckLimits: PrecheckLimits = {
  sourceCharactersMax: 10_000,
  nestingMax: 100,
  operatorsMax: 600,
  weightMax: 100_000,
};

interface Level {
  /** The transforms open in this level: 1 after the first `|`, 2 after the one that ends the pattern. */
  bars: number[];
  /** Weight of what cannot be copied any more. */
  settled: number;
  /** Weight of the operand to the left, as far as it goes. */
  current: number;
  /** Operators since the last separator: the parser may be as deep in them. */
  operators: number;
  /** The parameters of a function definition. */
  isParameters: boolean;
}

function newLevel(isParameters: boolean): Level {
  return { bars: [], settled: 0, current: 0, operators: 0, isParameters };
}

const SPACES = " \t\n\r\v";
const PUNCTUATION = ".[]{}(),@#;:?+-*/%|=<>^&!~";
const OPENERS = "([{";
const CLOSERS = ")]}";

class Scanner {
  readonly #source: string;
  readonly #limits: PrecheckLimits;
  readonly #levels: Level[] = [newLevel(false)];
  #position = 0;
  #operators = 0;
  #operandEnded = false;
  /** The last token was the word that begins a function definition. */
  #afterFunction = false;
  /** The last token was the `)` after a function's parameters. */
  #afterParameters = false;
  /** Between `<` and `{` of a function definition. */
  #inSignature = false;

  constructor(source: string, limits: PrecheckLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  scan(): PrecheckFailure | undefined {
    const source = this.#source;
    if (source.length > this.#limits.sourceCharactersMax) {
      return {
        message: `The expression must not be longer than ${this.#limits.sourceCharactersMax} characters`,
        position: 0,
      };
    }
    while (this.#position < source.length) {
      const character = source.charAt(this.#position);
      if (SPACES.includes(character)) {
        this.#position++;
        continue;
      }
      const failure = this.#token(character);
      if (failure !== undefined) return failure;
    }
    let weight = 0;
    for (const level of this.#levels) weight += level.settled + level.current;
    return this.#checkWeight(weight);
  }

  #token(character: string): PrecheckFailure | undefined {
    const source = this.#source;
    if (character === "/" && source.charAt(this.#position + 1) === "*") {
      const end = source.indexOf("*/", this.#position + 2);
      this.#position = end < 0 ? source.length : end + 2;
      return undefined;
    }
    this.#level.current++;
    const { afterFunction, afterParameters } = {
      afterFunction: this.#afterFunction,
      afterParameters: this.#afterParameters,
    };
    this.#afterFunction = false;
    this.#afterParameters = false;
    if (character === '"' || character === "'") return this.#string(character);
    if (character === "`") return this.#operand(source.indexOf("`", this.#position + 1) + 1);
    if (character === "/") return this.#slash();
    if (OPENERS.includes(character)) return this.#open(character, afterFunction);
    if (CLOSERS.includes(character)) return this.#close(character);
    if (character === "|") return this.#bar();
    if (character === "?") return this.#question();
    if (character === "<" && afterParameters) this.#inSignature = true;
    if (character === "," || character === ";" || character === ":") this.#separate(character);
    if (PUNCTUATION.includes(character)) {
      // `*`, `**` and `%` in the place of an operand are one; anything else there or after one wants another.
      const isOperand = !this.#operandEnded && (character === "*" || character === "%");
      this.#position += source.startsWith("**", this.#position) || source.startsWith("..", this.#position) ? 2 : 1;
      this.#operandEnded = isOperand;
      return this.#operator();
    }
    return this.#word();
  }

  get #level(): Level {
    return this.#levels[this.#levels.length - 1] ?? newLevel(false);
  }

  #operand(end: number): undefined {
    this.#position = end <= 0 ? this.#source.length : end;
    this.#operandEnded = true;
    return undefined;
  }

  #string(quote: string): undefined {
    let end = this.#position + 1;
    while (end < this.#source.length && this.#source.charAt(end) !== quote) {
      end += this.#source.charAt(end) === "\\" ? 2 : 1;
    }
    return this.#operand(end + 1);
  }

  #word(): PrecheckFailure | undefined {
    let end = this.#position;
    while (end < this.#source.length && !(SPACES + PUNCTUATION).includes(this.#source.charAt(end))) end++;
    const word = this.#source.slice(this.#position, end);
    const isOperator = this.#operandEnded && (word === "and" || word === "or" || word === "in");
    this.#position = end;
    this.#operandEnded = !isOperator;
    this.#afterFunction = word === "function" || word === "λ";
    return isOperator ? this.#operator() : undefined;
  }

  #open(character: string, afterFunction: boolean): PrecheckFailure | undefined {
    if (character === "{") this.#inSignature = false;
    if (this.#levels.length > this.#limits.nestingMax) {
      return {
        message: `The expression must not be nested deeper than ${this.#limits.nestingMax}`,
        position: this.#position,
      };
    }
    const failure = this.#operator();
    this.#levels.push(newLevel(character === "(" && afterFunction));
    this.#position++;
    this.#operandEnded = false;
    return failure;
  }

  #close(character: string): PrecheckFailure | undefined {
    this.#position++;
    this.#operandEnded = true;
    if (this.#levels.length === 1) return undefined; // the parser will say so
    const closed = this.#levels.pop();
    this.#operators -= closed?.operators ?? 0;
    this.#afterParameters = character === ")" && closed?.isParameters === true;
    this.#level.current += (closed?.settled ?? 0) + (closed?.current ?? 0);
    return this.#checkWeight(this.#level.current);
  }

  #bar(): undefined {
    const bars = this.#level.bars;
    this.#position++;
    if (!this.#operandEnded) {
      bars.push(1);
    } else if (bars[bars.length - 1] === 1) {
      bars[bars.length - 1] = 2;
      this.#operandEnded = false;
    } else {
      bars.pop();
    }
    return undefined;
  }

  #question(): PrecheckFailure | undefined {
    const next = this.#source.charAt(this.#position + 1);
    if (next === "?" || next === ":") {
      this.#position += 2;
      this.#operandEnded = false;
      this.#level.settled += 2 * this.#level.current;
      this.#level.current = 0;
      return this.#operator() ?? this.#checkWeight(this.#level.settled);
    }
    this.#position++;
    const failure = this.#operator();
    // After an operand it is the conditional operator, else the place of an argument.
    this.#operandEnded = !this.#operandEnded;
    if (!this.#operandEnded) this.#settle();
    return failure;
  }

  #operator(): PrecheckFailure | undefined {
    this.#level.operators++;
    if (++this.#operators <= this.#limits.operatorsMax) return undefined;
    return {
      message:
        `The expression must not have more than ${this.#limits.operatorsMax} operators within and beside each other`,
      position: this.#position,
    };
  }

  #separate(character: string): void {
    this.#settle();
    // What follows a colon is still within the conditional operator before it.
    if (character === ":") return;
    this.#operators -= this.#level.operators;
    this.#level.operators = 0;
  }

  #settle(): void {
    this.#level.settled += this.#level.current;
    this.#level.current = 0;
  }

  #slash(): PrecheckFailure | undefined {
    if (this.#inSignature) {
      return { message: 'The symbol "/" is not allowed in a function signature', position: this.#position };
    }
    if (this.#operandEnded) {
      this.#position++;
      this.#operandEnded = false;
      return undefined;
    }
    return this.#operand(this.#regexEnd());
  }

  /** The position after a regular expression that begins here: its end is a `/` outside brackets that is not escaped. */
  #regexEnd(): number {
    const source = this.#source;
    let depth = 0;
    for (let index = this.#position + 1; index < source.length; index++) {
      const character = source.charAt(index);
      const escaped = source.charAt(index - 1) === "\\";
      if (character === "/" && depth === 0 && backslashesBefore(source, index) % 2 === 0) {
        while (source.charAt(index + 1) === "i" || source.charAt(index + 1) === "m") index++;
        return index + 1;
      }
      if (OPENERS.includes(character) && !escaped) depth++;
      if (CLOSERS.includes(character) && !escaped) depth--;
    }
    return source.length;
  }

  #checkWeight(weight: number): PrecheckFailure | undefined {
    if (weight <= this.#limits.weightMax) return undefined;
    return { message: "The expression nests too many default operators (?: and ??)", position: this.#position };
  }
}

function backslashesBefore(source: string, index: number): number {
  let count = 0;
  while (source.charAt(index - 1 - count) === "\\") count++;
  return count;
}

/** Checks what the parser must not be given. Nothing when the expression may be parsed. */
export function precheck(source: string, limits: PrecheckLimits = defaultPrecheckLimits): PrecheckFailure | undefined {
  return new Scanner(source, limits).scan();
}
