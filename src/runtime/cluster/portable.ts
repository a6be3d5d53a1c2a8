/** Which inputs of a partition can travel to another node, and what their answers are like on the way. */
import type { ExecutionAsOf } from "../partition/hot_execution.ts";
import type { PartitionInput } from "../partition/partition_input.ts";

/** Whether an input can be asked of another node, and whether it may be asked twice: what was done the first time is found, or nothing was. */
const travels = {
  start: "once",
  command: "once",
  read: "again",
  standing: "again",
  scope: "again",
  key: "again",
  history: "again",
  list: "again",
  redrive: "once",
  workflow: "once",
  findWorkflow: "again",
  workflows: "again",
  definition: "again",
  resource: "once",
  resources: "again",
  barrier: undefined,
  timers: undefined,
  continue: undefined,
  redispatch: undefined,
  aged: undefined,
  forgetDefinitions: undefined,
  forgetUnused: undefined,
} as const satisfies Record<PartitionInput["kind"], "once" | "again" | undefined>;

type PortableKind = {
  [Kind in PartitionInput["kind"]]: (typeof travels)[Kind] extends undefined ? never : Kind;
}[PartitionInput["kind"]];

/** An input that can travel. */
export type PortableInput = Extract<PartitionInput, { readonly kind: PortableKind }>;

type WithoutReply<Input> = Input extends unknown ? Omit<Input, "reply"> : never;

/** What travels: the input without the one who waits for its answer. */
export type Portable = WithoutReply<PortableInput>;

/** True for an input that another node can be asked. */
export function isPortable(input: PartitionInput): input is PortableInput {
  return travels[input.kind] !== undefined;
}

/** True when asking again does no harm, whatever became of it the first time. */
export function isRepeatable(input: PartitionInput): boolean {
  if (travels[input.kind] === "again") return true;
  switch (input.kind) {
    case "start":
      return input.options.key !== undefined;
    case "workflow":
      return input.put !== undefined;
    case "resource":
      return input.wish.type !== "delete";
    default:
      return false;
  }
}

/** An answer as it travels. Of what a command came to, nobody looks at the payloads. */
export function portableAnswer(kind: unknown, answer: unknown): unknown {
  switch (kind) {
    case "command": {
      const { id, execution: { value, context } } = answer as ExecutionAsOf;
      const { output: _output, ...rest } = context;
      return { id, execution: { value, context: { ...rest, input: null } } };
    }
    case "read":
    case "redrive":
      return bare(answer as ExecutionAsOf);
    case "start": {
      const { ended, ...started } = answer as { readonly ended?: ExecutionAsOf };
      return ended === undefined ? started : { ...started, ended: bare(ended) };
    }
    default:
      return answer;
  }
}

function bare({ id, execution: { value, context } }: ExecutionAsOf) {
  return { id, execution: { value, context } };
}
