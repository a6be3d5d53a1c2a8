/** ARNs of Step Functions: printed for a space, taken apart when they come in. */
import { Result } from "effect";
import { isSegment, present } from "../values/mod.ts";
import { type AwsFailure, awsFailure } from "./aws_failure.ts";

/** Whose resources: the account is the tenant, the region the namespace. */
export interface AwsScope {
  readonly account: string;
  readonly region: string;
}

/** An ARN of the service `states`. */
export interface StatesArn extends AwsScope {
  /** The text as it came in. */
  readonly arn: string;
  /** `stateMachine`, `execution`, `express`, `activity`, `mapRun`. */
  readonly type: string;
  /** What follows the type, split at colons; one at least. */
  readonly rest: readonly [string, ...string[]];
}

/** A state machine, and the version or alias of it that is meant. */
export interface MachineArn extends AwsScope {
  readonly arn: string;
  readonly name: string;
  /** Number of a version or name of an alias. */
  readonly qualifier?: string;
  /** A Map's label, in ARNs of the machine that runs its items. */
  readonly label?: string;
  /** A test case of Step Functions Local's mock file, named behind `#`. */
  readonly testCase?: string;
}

const invalid = (message: string) => Result.fail(awsFailure("InvalidArn", `Invalid Arn: '${message}'`));

/** Splits an ARN whose resource is one of `types`. */
export function parseArn(arn: string, types: readonly string[]): Result.Result<StatesArn, AwsFailure> {
  const [prefix, partition, service, region = "", account = "", type = "", ...rest] = arn.split(":");
  if (prefix !== "arn") return invalid(`Invalid ARN prefix: ${arn}`);
  if (partition === undefined || !/^aws(-[a-z]+)*$/.test(partition) || service !== "states") {
    return invalid(`Invalid ARN: ${arn}`);
  }
  if (!isSegment(region) || !isSegment(account)) return invalid(`Invalid ARN: ${arn}`);
  if (!types.includes(type)) return invalid(`Resource type not valid in this context: ${type}`);
  const [first, ...others] = rest;
  if (first === undefined || rest.includes("")) return invalid(`Invalid ARN: ${arn}`);
  return Result.succeed({ arn, region, account, type, rest: [first, ...others] });
}

/** A state machine's ARN, with or without version, alias, label or test case. */
export function parseMachineArn(arn: string): Result.Result<MachineArn, AwsFailure> {
  const [plain = "", testCase] = arn.split("#", 2);
  return Result.flatMap(parseArn(plain, ["stateMachine"]), ({ rest, account, region }) => {
    const [path, qualifier, ...more] = rest;
    const [name = "", ...labels] = path.split("/");
    const label = labels.length === 0 ? undefined : labels.join("/");
    if (more.length > 0 || name === "") return invalid(`Invalid ARN: ${arn}`);
    return Result.succeed({
      arn: plain,
      account,
      region,
      name,
      ...present({ qualifier, label, testCase }),
    });
  });
}

const statesArn = ({ region, account }: AwsScope, resource: string) =>
  `arn:aws:states:${region}:${account}:${resource}`;

/** `qualifier`: a version's number or an alias's name. */
export function machineArn(scope: AwsScope, name: string, qualifier?: string | number): string {
  return statesArn(scope, `stateMachine:${name}${qualifier === undefined ? "" : `:${qualifier}`}`);
}

/** The execution of a STANDARD machine. */
export function executionArn(scope: AwsScope, machine: string, name: string): string {
  return statesArn(scope, `execution:${machine}:${name}`);
}

/** One run of an EXPRESS machine: its name may come again, so a UUID tells it apart. */
export function expressArn(scope: AwsScope, machine: string, name: string, uuid: string): string {
  return statesArn(scope, `express:${machine}:${name}:${uuid}`);
}

/** A Map Run. @param machine the machine and its Map's label: `machine/label` */
export function mapRunArn(scope: AwsScope, machine: string, id: string): string {
  return statesArn(scope, `mapRun:${machine}:${id}`);
}

/** The ARN of an activity (the resource, not the run of a state). */
export function activityArn(scope: AwsScope, name: string): string {
  return statesArn(scope, `activity:${name}`);
}
