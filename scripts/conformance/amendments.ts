/**
 * Recordings that do not say what AWS answers today, or not what was asked: what is put right before they are played, and why.
 *
 * A case that is put right is played and compared whole; one that is left out needs what is no part of an engine. Cases are named by
 * the end of their ids. The recordings themselves are not part of this repository (`scripts/conformance.ts` is told where they are).
 */

/** JSON as it is read from a file of cases. */
export type Value = null | boolean | number | string | Value[] | Members;

/** An object of it. */
export interface Members {
  [name: string]: Value;
}

/** One recorded case, as far as amendments look at it. */
export interface RecordedCase {
  readonly id: string;
  runs?: { expected?: Members }[];
  steps?: RecordedStep[];
}

/** One call of a case. */
export interface RecordedStep {
  readonly op: string;
  request: Members;
  assumedAnswer?: Members;
  expected?: Record<string, Value>;
}

/** What is wrong with some recordings. */
export interface Amendment {
  /** What the recordings have. */
  readonly recorded: string;
  /** Why that is not what an engine is to be held to today. */
  readonly reason: string;
  /** How one of its cases is put right, and whether anything was; absent: its cases are left out. */
  readonly amend?: (recorded: RecordedCase) => boolean;
  /** Ends of the ids of its cases; absent: every case in which `amend` finds something. */
  readonly cases?: readonly string[];
}

const NOT_REDRIVABLE = {
  RedriveCount: 0,
  RedriveStatus: "NOT_REDRIVABLE",
  RedriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
};

/** All that are known. */
export const amendments: readonly Amendment[] = [
  {
    recorded: "`MapStateExited` of a distributed Map follows `MapRunSucceeded`",
    reason: "AWS has it follow `MapRunStarted` since November 2024: newer recordings of the same set show it",
    amend: (recorded) => historiesOf(recorded).map(exitAfterStart).includes(true),
  },
  {
    recorded: "A state machine's description without `encryptionConfiguration`",
    reason: "AWS has it in every description since July 2024: newer recordings of the same set show it",
    amend: (recorded) => expectationsOf(recorded).map(addEncryption).includes(true),
  },
  {
    recorded: "The result of a nested execution without `RedriveCount`, `RedriveStatus`, `RedriveStatusReason`",
    reason: "AWS has them since redrives came, in November 2023",
    amend: (recorded) => expectationsOf(recorded).map(addRedrive).includes(true),
    cases: ["TestCallback::test_start_execution_sync"],
  },
  {
    recorded: "A history in reverse order",
    reason:
      "It was asked for with `reverseOrder`, which the case does not say; tests/unit/interfaces/http_api/executions_test.ts does",
    amend: (recorded) => historiesOf(recorded).map(sortById).includes(true),
    cases: ["TestSnfApi::test_get_execution_history_reversed"],
  },
  {
    recorded: "A Parallel within a Parallel that is entered twice and left once",
    reason: "Its recording lost events: AWS leaves every state that it has entered",
    amend: (recorded) => historiesOf(recorded).map(addLostExit).includes(true),
    cases: ["TestBaseScenarios::test_parallel_state_nested"],
  },
  {
    recorded: "Requests with two log destinations that are accepted, and later ones that are refused for it",
    reason:
      "The request was changed after it was sent and before it was written down; what AWS took is in its descriptions",
    amend: oneDestination,
    cases: ["TestSnfApiLogs::test_update_logging_configuration"],
  },
  {
    recorded: "Two updates that publish the same version",
    reason: "The second gave version 3: the refusal that is recorded names it",
    amend: thirdVersion,
    cases: ["TestSfnApiAliasing::test_error_create_alias_invalid_router_configs"],
  },
  {
    recorded: "Pages of ten and three machines as answers to one request for five",
    reason: "Repeated requests stand once in the cases: each page was a request of its own, of another size",
    amend: requestPerPage,
    cases: ["TestSnfApi::test_list_sms_pagination"],
  },
  {
    recorded: "A log group that was deleted before the state machine is created",
    reason: "There is no CloudWatch Logs behind an engine that could know: destinations are accepted and kept",
    cases: ["TestSnfApiLogs::test_deleted_log_group"],
  },
];

/** What came of a set of cases. */
export interface AmendedCases {
  readonly cases: readonly RecordedCase[];
  /** Ids for each amendment, in their order. */
  readonly found: readonly (readonly string[])[];
}

/** The cases as they are to be played. Changes those that it is given. */
export function amendedCases(recorded: readonly RecordedCase[]): AmendedCases {
  const found: string[][] = amendments.map(() => []);
  const cases = recorded.filter((one) => {
    let isPlayed = true;
    for (const [index, { amend, cases: ends }] of amendments.entries()) {
      if (ends !== undefined && !ends.some((end) => one.id.endsWith(end))) continue;
      if (amend === undefined) isPlayed = false;
      if (amend === undefined || amend(one)) found[index]?.push(one.id);
    }
    return isPlayed;
  });
  return { cases, found };
}

function isMembers(value: Value | undefined): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expectationsOf({ runs = [], steps = [] }: RecordedCase): Value[] {
  return [...runs.flatMap(({ expected }) => expected ?? []), ...steps.flatMap(({ expected }) => expected ?? [])];
}

/** Histories, each as an array that can be changed in place. */
function historiesOf({ runs = [] }: RecordedCase): Members[][] {
  return runs.flatMap(({ expected }) => {
    if (!Array.isArray(expected?.["history"])) return [];
    const history = expected["history"].filter(isMembers);
    expected["history"] = history;
    return [history];
  });
}

/** Every object within a value, itself included. */
function* objectsIn(value: Value): Generator<Members> {
  if (Array.isArray(value)) { for (const item of value) yield* objectsIn(item); }
  if (!isMembers(value)) return;
  yield value;
  for (const member of Object.values(value)) yield* objectsIn(member);
}

function exitAfterStart(history: Members[]): boolean {
  let isChanged = false;
  for (const event of history.filter(({ type }) => type === "MapStateExited")) {
    const before = history.find(({ id }) => id === event["previousEventId"]);
    if (before?.["type"] !== "MapRunSucceeded") continue;
    const begun = history.find(({ id }) => id === before["previousEventId"]);
    if (begun?.["type"] !== "MapRunStarted" || begun["id"] === undefined) continue;
    event["previousEventId"] = begun["id"];
    isChanged = true;
  }
  return isChanged;
}

function addEncryption(expected: Value): boolean {
  let isChanged = false;
  for (const one of objectsIn(expected)) {
    const isDescription = ["definition", "roleArn", "stateMachineArn"].every((name) => name in one);
    if (!isDescription || "encryptionConfiguration" in one) continue;
    one["encryptionConfiguration"] = { type: "AWS_OWNED_KEY" };
    isChanged = true;
  }
  return isChanged;
}

function addRedrive(expected: Value): boolean {
  let isChanged = false;
  for (const one of objectsIn(expected)) {
    if (one["Status"] !== "SUCCEEDED" || !("StopDate" in one) || "RedriveCount" in one) continue;
    Object.assign(one, NOT_REDRIVABLE);
    isChanged = true;
  }
  return isChanged;
}

function sortById(history: Members[]): boolean {
  const first = history[0];
  history.sort((a, b) => Number(a["id"]) - Number(b["id"]));
  return first !== history[0];
}

/** What the inner Parallel gives is what the outer one gives as its only item. */
function addLostExit(history: Members[]): boolean {
  const at = history.findIndex(({ type }) => type === "ParallelStateExited");
  const outer = history[at]?.["stateExitedEventDetails"];
  if (!isMembers(outer) || typeof outer["output"] !== "string") return false;
  const output = outer["output"].replace(/^\[(.*)\]$/, "$1");
  const inner = { name: "ParallelStateL2", output };
  history.splice(at, 0, { id: [0], previousEventId: 0, type: "ParallelStateExited", stateExitedEventDetails: inner });
  return true;
}

function oneDestination({ steps = [] }: RecordedCase): boolean {
  const settings = [
    { level: "ALL", includeExecutionData: true },
    { level: "FATAL", includeExecutionData: true },
    { level: "FATAL", includeExecutionData: true },
    { level: "FATAL", includeExecutionData: false },
  ];
  const sent = steps.filter(({ op, request }) =>
    /create|update/.test(op) && isMembers(request["loggingConfiguration"])
  );
  for (const [index, { request }] of sent.entries()) {
    const given = request["loggingConfiguration"];
    const all = isMembers(given) && Array.isArray(given["destinations"]) ? given["destinations"] : [];
    const set = settings[index];
    if (set !== undefined) request["loggingConfiguration"] = { ...set, destinations: all.slice(0, 1) };
  }
  return sent.length > 0;
}

function thirdVersion({ steps = [] }: RecordedCase): boolean {
  const published = steps.filter(({ assumedAnswer }) =>
    String(assumedAnswer?.["stateMachineVersionArn"]).endsWith(":2")
  );
  const { assumedAnswer } = published[1] ?? {};
  if (assumedAnswer === undefined) return false;
  const third = String(assumedAnswer["stateMachineVersionArn"]).replace(/:2$/, ":3");
  assumedAnswer["stateMachineVersionArn"] = third;
  // What stands third in the refused request was version 3 as well.
  for (const { request } of steps) {
    const routes = request["routingConfiguration"];
    const last = Array.isArray(routes) && routes.length > 2 ? routes[2] : undefined;
    if (isMembers(last)) last["stateMachineVersionArn"] = third;
  }
  return true;
}

function requestPerPage(recorded: RecordedCase): boolean {
  const { steps = [] } = recorded;
  const at = steps.findIndex(({ op, expected }) =>
    op === "list_state_machines" && Object.keys(expected ?? {}).length > 1
  );
  const whole = steps[at];
  if (whole === undefined) return false;
  const pages = Object.entries(whole.expected ?? {}).map(([name, page], index) => ({
    ...whole,
    request: {
      ...whole.request,
      maxResults: Array.isArray(page) ? page.length : null,
      ...(index === 0 ? {} : { nextToken: null }),
    },
    expected: { [name]: page },
  }));
  recorded.steps = steps.toSpliced(at, 1, ...pages);
  return true;
}
