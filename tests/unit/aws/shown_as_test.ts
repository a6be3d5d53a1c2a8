// Goal: what the AWS API says of an execution when it starts it, it reads again as it was; executions of others say nothing.
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { executionArn, itemCountOf, machineArn, type ShownAs, shownAsOf } from "../../../src/aws/mod.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../../src/values/mod.ts";

const scope = { account: "111111111111", region: "us-east-1" };
const whole: ShownAs = {
  Execution: { Id: executionArn(scope, "m", "e"), Name: "e", RoleArn: "arn:aws:iam::111111111111:role/r" },
  StateMachine: { Id: machineArn(scope, "m"), Name: "m" },
  Asked: { stateMachineAliasArn: machineArn(scope, "m", "live"), traceHeader: "t", testCase: "Case" },
  Parent: { TaskId: "/111111111111/us-east-1/t0123456/0000000100000000" },
  MapRun: { ItemCount: 3 },
};

const overTheWire = (value: ShownAs): JsonObject => {
  const parsed = parseJson(JSON.stringify(value));
  ok(isJsonObject(parsed));
  return parsed;
};

test("shownAsOf() reads what was written, after it was JSON", () => {
  deepStrictEqual(shownAsOf({ shownAs: overTheWire(whole) }), whole);
  for (const section of ["Execution", "StateMachine", "Asked", "Parent", "MapRun"] as const) {
    const { [section]: _left, ...others } = whole;
    deepStrictEqual(shownAsOf({ shownAs: overTheWire(others) }), others);
  }
});

test("an execution that was started without the AWS API says nothing of itself", () => {
  deepStrictEqual(shownAsOf({}), {});
  strictEqual(itemCountOf({}), 1);
  strictEqual(itemCountOf({ shownAs: { MapRun: { ItemCount: 0 } } }), 0);
});

test("what is no such record is a defect, told at once", () => {
  throws(() => shownAsOf({ shownAs: { Execution: { Name: 1 } } }));
  throws(() => shownAsOf({ shownAs: { Parent: {} } }));
});
