/**
 * Regular expressions as function values. They run on an engine whose time is linear in the text, and every character that it
 * looks at is counted, so that also many searches in one text end.
 *
 * Its dialect is RE2's: no look-around and no back references (refused when the expression is compiled), `\s` and `.` as RE2 has
 * them, characters are code points.
 */
import { MatcherInputBase, RE2JS } from "re2js";
import { Builtin } from "./callable.ts";
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { SyntaxProblem } from "../syntax/node.ts";
import type { Value, ValueObject } from "./values.ts";

/** One match. Offsets are UTF-16 units; a group that took no part is nothing. */
export interface RegexMatch {
  readonly match: string;
  readonly start: number;
  readonly end: number;
  readonly groups: readonly Value[];
}

/** Parts that a pattern may come to when its repetitions are written out. */
const PATTERN_SIZE_MAX = 2_000;
const PATTERN_CHARACTERS_MAX = 1_000;
/** Steps for what a search costs beside the characters it looks at. */
const SEARCH_STEPS = 8;

/** A text that charges the run for every look at one of its characters. */
class CountedText extends String {
  readonly #run: Run;
  readonly #text: string;
  readonly #steps: number;

  constructor(text: string, run: Run, stepsPerCharacter: number) {
    super(text);
    this.#text = text;
    this.#run = run;
    this.#steps = stepsPerCharacter;
  }

  override charCodeAt(index: number): number {
    this.#run.charge(this.#steps);
    return this.#text.charCodeAt(index);
  }
}

/** What the engine reads from. It asks for a string and uses `length`, `charCodeAt`, `indexOf` and `substring` of it. */
class CountedInput extends MatcherInputBase {
  // deno-lint-ignore ban-types -- the object is meant: it counts, where a string would not
  readonly #text: String;

  constructor(text: CountedText) {
    super();
    this.#text = text;
  }

  override getEncoding(): unknown {
    return MatcherInputBase.Encoding.UTF_16;
  }

  override asCharSequence(): string {
    return this.#text as string;
  }

  override asBytes(): null {
    return null;
  }

  override length(): number {
    return this.#text.length;
  }
}

/** A compiled regular expression. */
export class Regex {
  readonly #compiled: RE2JS;
  readonly #stepsPerCharacter: number;

  /** @throws {Error} from the engine, when it cannot be compiled; see {@link compileRegex} */
  constructor(source: string, flags: string) {
    let bits = 0;
    if (flags.includes("i")) bits |= RE2JS.CASE_INSENSITIVE;
    if (flags.includes("m")) bits |= RE2JS.MULTILINE;
    this.#compiled = RE2JS.compile(RE2JS.translateRegExp(source), bits);
    // What one character costs grows with the instructions that may be active at it.
    this.#stepsPerCharacter = Math.max(0.25, this.#compiled.programSize() / 16);
  }

  /** The first match that starts at `from` or later. */
  find(text: string, from: number, run: Run): RegexMatch | undefined {
    run.charge(SEARCH_STEPS);
    if (from > text.length) return undefined;
    const matcher = this.#compiled.matcher(new CountedInput(new CountedText(text, run, this.#stepsPerCharacter)));
    if (!matcher.find(from)) return undefined;
    const groups: Value[] = [];
    for (let index = 1; index <= matcher.groupCount(); index++) {
      const group = matcher.group(index);
      groups.push(group === null ? undefined : group);
      run.allocate(16);
    }
    const start = matcher.start();
    const end = matcher.end();
    return { match: text.slice(start, end), start, end, groups };
  }

  /**
   * The match after `previous`, from where that ended.
   * A match of nothing would be found for ever: that is a failure, unless it is the first one.
   */
  findNext(text: string, previous: RegexMatch, run: Run): RegexMatch | undefined {
    if (previous.end >= text.length) return undefined;
    const next = this.find(text, previous.end, run);
    if (next !== undefined && next.match === "") throw fail("D1004");
    return next;
  }
}

/** A regular expression as a value: called with a text it gives the first match, with a function for the next. */
export class RegexFunction extends Builtin {
  readonly regex: Regex;

  constructor(regex: Regex) {
    super("regex", 2, undefined, ([text, from], run) => {
      if (typeof text !== "string") return undefined;
      run.chargeText(text.length);
      return matchValue(
        regex,
        text,
        regex.find(text, typeof from === "number" ? Math.max(0, Math.floor(from)) : 0, run),
      );
    });
    this.regex = regex;
  }
}

function matchValue(regex: Regex, text: string, match: RegexMatch | undefined): ValueObject | undefined {
  if (match === undefined) return undefined;
  const next = new Builtin("next", 0, undefined, (_, run) => matchValue(regex, text, regex.findNext(text, match, run)));
  return { ...match, next };
}

/** @throws {SyntaxProblem} when the engine cannot run it within the bounds */
export function compileRegex(source: string, flags: string, position: number): RegexFunction {
  if (source.length > PATTERN_CHARACTERS_MAX || patternSize(source) > PATTERN_SIZE_MAX) {
    throw new SyntaxProblem("The regular expression is too large", position);
  }
  try {
    return new RegexFunction(new Regex(source, flags));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : "unknown reason";
    throw new SyntaxProblem(`The regular expression cannot be used: ${reason}`, position);
  }
}

/** Roughly the parts of a pattern, with `{n}` written out: what its compilation would cost. */
export function patternSize(source: string): number {
  const sums = [0];
  let last = 0;
  const add = (size: number): void => {
    last = size;
    sums.push((sums.pop() ?? 0) + size);
  };
  for (let index = 0; index < source.length; index++) {
    const character = source.charAt(index);
    if (character === "\\") {
      index++;
      add(/[pP]/.test(source.charAt(index)) ? 20 : 1);
    } else if (character === "[") {
      const end = classEnd(source, index);
      add(1 + ((end - index) >> 3));
      index = end;
    } else if (character === "(") {
      sums.push(0);
    } else if (character === ")" && sums.length > 1) {
      add(1 + (sums.pop() ?? 0));
    } else {
      const repeat = character === "{" ? /^\{(\d+)(?:,(\d*))?\}/.exec(source.slice(index, index + 12)) : null;
      const times = repeat === null ? 0 : Math.max(Number(repeat[1]), Number(repeat[2] ?? 0));
      add(repeat === null ? 1 : last * Math.max(0, times - 1));
      if (repeat !== null) index += repeat[0].length - 1;
    }
  }
  let size = 0;
  for (const sum of sums) size += sum;
  return size;
}

function classEnd(source: string, start: number): number {
  for (let index = start + 1; index < source.length; index++) {
    if (source.charAt(index) === "\\") index++;
    else if (source.charAt(index) === "]" && index > start + 1) return index;
  }
  return source.length;
}
