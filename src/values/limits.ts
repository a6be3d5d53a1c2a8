/** Defaults of everything that has a limit. AWS's figure where AWS has one; each is a setting of the home that uses it. */
export interface Limits {
  /** Largest input, output or variable set of an execution or state, bytes of JSON as UTF-8. */
  readonly payloadBytesMax: number;
  /** Largest definition, bytes of its JSON text. */
  readonly definitionBytesMax: number;
  /** Events in one history; the last of them is the failure. */
  readonly historyEventsMax: number;
  /** Longest life of an execution, seconds. */
  readonly executionSecondsMax: number;
  /** Characters of the name of a workflow, an execution key's namespace entry, a state. */
  readonly nameCharactersMax: number;
  /** Characters of a cause. */
  readonly causeCharactersMax: number;
  /** Characters of an error name. */
  readonly errorCharactersMax: number;
  /** Characters of a task token. */
  readonly tokenCharactersMax: number;
  /** States in one definition, nested ones included. */
  readonly statesMax: number;
  /** Depth of nested Map and Parallel, and of nested JSON in a definition. */
  readonly nestingMax: number;
  /** Depth of nested JSON in payloads. */
  readonly jsonDepthMax: number;
  /** Items of one inline Map. */
  readonly mapItemsMax: number;
  /** Records of one turn: a turn that reaches it stops and goes on in the next. */
  readonly turnRecordsMax: number;
  /** Bytes of one turn: a turn that reaches it stops and goes on in the next. */
  readonly turnBytesMax: number;
  /** Steps of expressions in one turn: a turn that reaches it stops and goes on in the next. */
  readonly turnStepsMax: number;
  /** Bytes of one batch. Must leave room for one full turn below the transport's message size. */
  readonly batchBytesMax: number;
  /** Inputs waiting for one partition; beyond it a caller is told `Unavailable`. */
  readonly partitionInboxMax: number;
  /** Executions a partition keeps in memory before the idle ones leave. */
  readonly hotExecutionsMax: number;
  /** Bytes of JSON of their payloads, all those of a partition: beyond it the idle ones leave as well. */
  readonly hotBytesMax: number;
  /** Seconds that an ended execution is kept. */
  readonly retentionSeconds: number;
  /** Redrives of one execution. */
  readonly redrivesMax: number;
  /** Days after its end in which an execution can be redriven. */
  readonly redrivableDays: number;
}

/** What holds where nothing else is set. */
export const defaultLimits: Limits = {
  payloadBytesMax: 262_144,
  definitionBytesMax: 1_048_576,
  historyEventsMax: 25_000,
  executionSecondsMax: 31_536_000,
  nameCharactersMax: 80,
  causeCharactersMax: 32_768,
  errorCharactersMax: 256,
  tokenCharactersMax: 2_048,
  statesMax: 10_000,
  nestingMax: 50,
  jsonDepthMax: 256,
  mapItemsMax: 100_000,
  turnRecordsMax: 2_000,
  turnBytesMax: 262_144,
  turnStepsMax: 1_000_000,
  batchBytesMax: 524_288,
  partitionInboxMax: 20_000,
  hotExecutionsMax: 1_000,
  hotBytesMax: 67_108_864,
  retentionSeconds: 7_776_000,
  redrivesMax: 1_000,
  redrivableDays: 14,
};
