/** What must hold after every step: DESIGN §11, as far as one node (and its zombie) can show it. */
export const invariants = {
  startsExistAndEnd: "1: an acknowledged start exists and ends",
  oneKeyOneExecution: "2: one idempotency key, one execution",
  oneOutcome: "3: one outcome per command; a final status stays",
  replayEqualsLive: "4: cold replay = checkpoint + replay = live state",
  checkpointBehindLog: "4: a checkpoint is never ahead of its log, and nothing before it is missing",
  oneLeader: "5: batches are chained, epochs only rise",
  effectAfterLog: "6: no effect before its turn is durable",
  noEffectLost: "6: no effect is lost once its turn is durable",
  timers: "7: timers never early, each once",
  childrenArithmetic: "8: Map and Parallel keep their order and arithmetic",
  reference: "8: states, inputs, outputs and errors are what the reference interpreter says",
  retries: "9: retries within bounds",
  nothingAfterEnd: "10: nothing runs after the end",
  history: "11: history without gaps, equal to the log",
  feed: "12: feed without silent gaps, equal to the log",
  progress: "14: progress within a bound after the last fault",
  noLeak: "15: nothing leaks",
  noDefect: "the loop stopped by itself: a defect, or a log that it does not believe",
} as const;

/** An invariant's name. */
export type Invariant = keyof typeof invariants;

/** An invariant that does not hold, and what was seen. */
export interface Violation {
  readonly invariant: Invariant;
  readonly message: string;
  /** Virtual milliseconds at which it was seen. */
  readonly atMs: number;
}
