/**
 * The bounds of one evaluation. All are counted, none is timed: the same expression over the same values fails or succeeds the
 * same way on every machine and in every replay of a decision.
 */
import type { ExpressionDraws } from "../types.ts";
import { fail } from "./failure.ts";

/** The bounds of one evaluation; reaching one is a failure of the expression. */
export interface JsonataLimits {
  /** Evaluated nodes, and elements or groups of characters that functions go through. */
  readonly stepsMax: number;
  /** Calls of a function within a function that are not tail calls. */
  readonly callDepthMax: number;
  /** Nodes of the expression on the way down, over all calls: what the host's stack must hold. */
  readonly nodeDepthMax: number;
  /** Characters (UTF-16 units) of any one string that is built. */
  readonly stringCharactersMax: number;
  /** Elements of any one array that is built. */
  readonly sequenceLengthMax: number;
  /** Roughly the bytes of all that is built, garbage included. */
  readonly allocatedBytesMax: number;
  /** Arrays and objects within each other. */
  readonly dataDepthMax: number;
}

/**
 * An evaluation within these takes a fraction of a second, and some ten megabytes. Texts and arrays may be longer than a payload
 * of 256 KiB can hold, as they may be in Step Functions, so that a payload can be taken to pieces and put together again.
 */
export const defaultJsonataLimits: JsonataLimits = {
  stepsMax: 2_000_000,
  callDepthMax: 200,
  nodeDepthMax: 1_500,
  stringCharactersMax: 1_048_576,
  sequenceLengthMax: 200_000,
  allocatedBytesMax: 33_554_432,
  dataDepthMax: 400,
};

/** One evaluation: what it has used, and what it may draw. */
export class Run {
  readonly limits: JsonataLimits;
  readonly draws: ExpressionDraws;
  readonly #stepsMax: number;
  #keptCharacters = 0;
  #steps = 0;
  #calls = 0;
  #nodes = 0;
  #allocatedBytes = 0;

  /** @param stepsLeft What is left for this evaluation of a budget that it shares with others */
  constructor(limits: JsonataLimits, draws: ExpressionDraws, stepsLeft = Infinity) {
    this.limits = limits;
    this.draws = draws;
    this.#stepsMax = Math.min(limits.stepsMax, stepsLeft);
  }

  /** Characters of the result's JSON, roughly. */
  get keptCharacters(): number {
    return this.#keptCharacters;
  }

  /** Counts what the result holds; parts that it shares count each time. */
  keep(characters: number): void {
    this.#keptCharacters += characters;
    this.allocate(characters);
  }

  get steps(): number {
    return this.#steps;
  }

  /** Counts work done or about to be done. Must be called before the work wherever its amount depends on data. */
  charge(steps: number): void {
    if ((this.#steps += steps) > this.#stepsMax) throw fail("D1012", { value: this.limits.stepsMax });
  }

  /** Counts a pass over `length` characters by a function of the host, which is fast. */
  chargeText(length: number): void {
    this.charge(1 + (length >> 6));
  }

  /** Counts memory that is built. */
  allocate(bytes: number): void {
    if ((this.#allocatedBytes += bytes) > this.limits.allocatedBytesMax) throw fail("D2017");
  }

  /** Checks, and counts, a string about to be built. */
  reserveText(length: number): void {
    if (length > this.limits.stringCharactersMax) throw fail("D2016", { value: this.limits.stringCharactersMax });
    this.chargeText(length);
    this.allocate(length);
  }

  /** Checks, and counts, an array about to be built. */
  reserveArray(length: number): void {
    if (length > this.limits.sequenceLengthMax) throw fail("D2015", { value: this.limits.sequenceLengthMax });
    this.charge(length);
    this.allocate(16 + 8 * length);
  }

  /** Called for each element pushed to an array that grows: `length` is the length it will have. */
  grow(length: number): void {
    if (length > this.limits.sequenceLengthMax) throw fail("D2015", { value: this.limits.sequenceLengthMax });
    this.charge(1);
    this.allocate(8);
  }

  /** A call begins whose body is `nodes` deep. */
  enter(nodes: number): void {
    this.#nodes += nodes;
    if (++this.#calls > this.limits.callDepthMax || this.#nodes > this.limits.nodeDepthMax) {
      throw fail("D1011", { value: this.limits.callDepthMax });
    }
  }

  /** The call has ended. Not called on failure: nothing goes on after one. */
  leave(nodes: number): void {
    this.#nodes -= nodes;
    this.#calls--;
  }

  /** Checks how deep a walk over data has come. */
  descend(depth: number): void {
    if (depth > this.limits.dataDepthMax) throw fail("D2018", { value: this.limits.dataDepthMax });
  }
}
