/**
 * How the executions of the AWS API and those of the engine find each other.
 *
 * The name of a STANDARD execution is unique in its machine: machine and name make the engine's idempotency key. What was started
 * otherwise has a name made of its id.
 */
import { Effect } from "effect";
import type { ExecutionDetail, ListedExecution } from "../../runtime/mod.ts";
import { executionId, parseExecutionId, timestampOfString } from "../../values/mod.ts";
import { type AwsAnswer, given, ifThere } from "../answers.ts";
import { type AwsCaller, spaceOf } from "../aws_caller.ts";
import { type AwsScope, executionArn, machineArn, parseArn, type StatesArn } from "../arns.ts";
import { type AwsFailure, awsFailure } from "../aws_failure.ts";
import { shownAsOf } from "./shown_as.ts";

/** The idempotency key of a named execution. */
export function executionKey(machine: string, name: string): string {
  return `aws/${machine}/${name}`;
}

const ownName = /^weft-([0-9a-f]{7})-([0-9a-f]{16})$/;

/** What the AWS API shows of an execution's identity. */
export interface ShownExecution {
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
}

/** Account and region of an execution, whoever asks about it. */
export function scopeOf({ executionId: id }: Pick<ExecutionDetail, "executionId">): AwsScope {
  const { tenant = "", namespace = "" } = parseExecutionId(id) ?? {};
  return { account: tenant, region: namespace };
}

/** The ARN and name of an execution. */
export function shownExecution(detail: ListedExecution): ShownExecution {
  const scope = scopeOf(detail);
  const { Execution: { Id: id, Name: name } = {}, StateMachine } = shownAsOf(detail);
  const machine = StateMachine?.Id ?? machineArn(scope, detail.workflow);
  if (id !== undefined && name !== undefined && id.startsWith("arn:")) return { arn: id, name, machineArn: machine };
  const { hash = "", hlc = "" } = parseExecutionId(detail.executionId) ?? {};
  const made = `weft-${hash}-${hlc}`;
  return { arn: executionArn(scope, detail.workflow, made), name: made, machineArn: machine };
}

/** The failure of a call for an execution that is not there. */
export function executionMissing(arn: string): AwsFailure {
  return awsFailure("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
}

/** The execution of an ARN. Fails with `InvalidArn`, `ExecutionDoesNotExist`. */
export function executionByArn(call: AwsCaller, text: string): AwsAnswer<ExecutionDetail> {
  return Effect.gen(function* () {
    const arn = yield* given(parseArn(text, isExpressChild(text) ? ["express"] : ["execution"]));
    const found = yield* find(call, arn);
    if (found === undefined || shownExecution(found).arn !== text) {
      return yield* Effect.fail(executionMissing(text));
    }
    return found;
  });
}

/** Of EXPRESS executions only the children of Map Runs can be asked for: those of a machine with a label. */
function isExpressChild(text: string): boolean {
  return /^arn:[^:]*:states:[^:]*:[^:]*:express:[^:/]+\/[^:]+:/.test(text);
}

function find({ registry }: AwsCaller, arn: StatesArn): AwsAnswer<ExecutionDetail | undefined> {
  const space = spaceOf(arn);
  const [machine, name = ""] = arn.rest;
  const [, hash = "", hlc = ""] = ownName.exec(name) ?? [];
  const at = timestampOfString(hlc);
  if (at !== undefined) return ifThere(registry.executionById({ ...space, executionId: executionId(space, hash, at) }));
  return name === ""
    ? Effect.succeed(undefined)
    : ifThere(registry.executionByKey({ ...space, key: executionKey(machine, name) }));
}
