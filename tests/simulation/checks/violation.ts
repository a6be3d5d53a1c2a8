/** What must hold after every step: DESIGN §11, as far as one node (and its zombie) can show it. */
export const invariants = {
  startsExistAndEnd: "1: an acknowledged start exists and ends",
  oneKeyOneExecution: "2: one idempotency key, one execution",
  oneOutcome: "3: one outcome per command; a final status stays",
  replayEqualsLive: "4: cold replay = checkpoint + replay = live state",
  checkpointBehindLog: "4: a checkpoint is never ahead of its log, and nothing before it is missing",
  definitions: "4: whoever is pinned to a definition finds it in the log, and it is forgotten only when nobody is",
  oneLeader: "5: batches are chained, epochs only rise",
  effectAfterLog: "6: no effect before its turn is durable",
  readAfterLog: "6: no read speaks of what is not durable",
  readIsCurrent: "6: a read knows all that was durable when it was asked for",
  listsComplete: "6: pages of a list have everything once, newest first",
  tokens: "a task is ended by nobody who has no token of it",
  damageNoticed: "5: a log that was damaged, cut or trimmed too far stops its partition",
  fencedSnapshots: "5: no leader of before changes the snapshots of a later one",
  snapshots: "4: what lives is in the snapshots in time, and goes on from there alone",
  trims:
    "4: nothing leaves the log that the snapshots do not stand for, nor a turn that something retained still needs",
  oneStart: "2: a start without a key that was asked for once begins one execution",
  orderlyStop: "a node that is told to stop answers what it has taken up, and leaves nothing to be done again",
  handOver: "14: a lease that is handed over loses no request",
  tenants: "no space sees or changes what is another's",
  noEffectLost: "6: no effect is lost once its turn is durable",
  effectOrder: "6: effects come out in the order of the log",
  dispatchBounded: "6: nothing is handed out again without a reason",
  timers: "7: timers never early, each once, and in time while nothing is in the way",
  deadlines: "7: deadlines are what the definition says",
  childrenArithmetic: "8: Map and Parallel keep their order and arithmetic",
  reference: "8: states, inputs, outputs and errors are what the reference interpreter says",
  retries: "9: retries within bounds",
  nothingAfterEnd: "10: nothing runs after the end",
  history: "11: history without gaps, equal to the log",
  feed: "12: feed without silent gaps, equal to the log",
  takeOver: "14: a partition is led soon, while nothing is in the way",
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
