// Goal: every ARN that is printed is read again as what it was, and nothing else is taken for one.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import {
  activityArn,
  executionArn,
  expressArn,
  machineArn,
  mapRunArn,
  parseArn,
  parseMachineArn,
} from "../../../src/aws/mod.ts";

const scope = { account: "111111111111", region: "us-east-1" };
const printed: readonly (readonly [type: string, arn: string, rest: readonly string[]])[] = [
  ["activity", activityArn(scope, "charge"), ["charge"]],
  ["execution", executionArn(scope, "m", "e"), ["m", "e"]],
  ["express", expressArn(scope, "m", "e", "uuid"), ["m", "e", "uuid"]],
  ["stateMachine", machineArn(scope, "m"), ["m"]],
  ["stateMachine", machineArn(scope, "m", 3), ["m", "3"]],
  ["mapRun", mapRunArn(scope, "m/label", "id"), ["m/label", "id"]],
];

for (const [type, arn, rest] of printed) {
  test(`parseArn() reads ${arn}`, () => {
    deepStrictEqual(parseArn(arn, [type]), Result.succeed({ arn, ...scope, type, rest }));
    strictEqual(Result.isFailure(parseArn(arn, ["other"])), true);
  });
}

const machines = [
  { arn: machineArn(scope, "m"), parts: { name: "m" } },
  { arn: machineArn(scope, "m", "live"), parts: { name: "m", qualifier: "live" } },
  { arn: machineArn(scope, "m/label"), parts: { name: "m", label: "label" } },
  { arn: `${machineArn(scope, "m")}#Happy`, plain: machineArn(scope, "m"), parts: { name: "m", testCase: "Happy" } },
];
for (const { arn, plain = arn, parts } of machines) {
  test(`parseMachineArn() reads ${arn}`, () => {
    deepStrictEqual(parseMachineArn(arn), Result.succeed({ arn: plain, ...scope, ...parts }));
  });
}

const refused = [
  ["", "Invalid ARN prefix: "],
  ["urn:aws:states:us-east-1:1:activity:a", "Invalid ARN prefix: urn:aws:states:us-east-1:1:activity:a"],
  ["arn:other:states:us-east-1:1:activity:a", "Invalid ARN: arn:other:states:us-east-1:1:activity:a"],
  ["arn:aws:sqs:us-east-1:1:activity:a", "Invalid ARN: arn:aws:sqs:us-east-1:1:activity:a"],
  ["arn:aws:states::1:activity:a", "Invalid ARN: arn:aws:states::1:activity:a"],
  ["arn:aws:states:us-east-1:1:stateMachine:a", "Resource type not valid in this context: stateMachine"],
  ["arn:aws:states:us-east-1:1:activity", "Invalid ARN: arn:aws:states:us-east-1:1:activity"],
  ["arn:aws:states:us-east-1:1:activity:a:", "Invalid ARN: arn:aws:states:us-east-1:1:activity:a:"],
] as const;
for (const [arn, why] of refused) {
  test(`parseArn() refuses "${arn}"`, () => {
    const parsed = parseArn(arn, ["activity"]);
    strictEqual(Result.isFailure(parsed), true);
    if (Result.isFailure(parsed)) {
      deepStrictEqual([parsed.failure.code, parsed.failure.message], ["InvalidArn", `Invalid Arn: '${why}'`]);
    }
  });
}
