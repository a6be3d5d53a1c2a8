// Goal: what is put right in recordings of AWS is put right as it is said, and nothing else is.
// Method: cases made up here; the recordings themselves are not part of this repository.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { amendedCases, amendments } from "../../scripts/conformance/amendments.ts";
import { figuresOf } from "../../scripts/conformance/figures.ts";

test("a Map that leaves after its run has succeeded leaves after its start", () => {
  const history = [
    { id: 3, previousEventId: 2, type: "MapStateStarted" },
    { id: 4, previousEventId: 3, type: "MapRunStarted" },
    { id: 5, previousEventId: 4, type: "MapRunSucceeded" },
    { id: 6, previousEventId: 5, type: "MapStateExited" },
  ];
  const { cases, found } = amendedCases([{ id: "any", runs: [{ expected: { history } }] }]);
  deepStrictEqual(cases[0]?.runs?.[0]?.expected?.["history"], [
    ...history.slice(0, 3),
    { id: 6, previousEventId: 4, type: "MapStateExited" },
  ]);
  deepStrictEqual(found[0], ["any"]);
});

test("a description has its encryption, and one that has it keeps it", () => {
  const machine = { definition: {}, roleArn: "r", stateMachineArn: "a" };
  const own = { ...machine, encryptionConfiguration: { type: "CUSTOMER_MANAGED_KMS_KEY" } };
  const describe = { op: "describe_state_machine", request: {}, expected: { one: { ...machine }, other: own } };
  const { cases } = amendedCases([{ id: "any", steps: [describe] }]);
  deepStrictEqual(cases[0]?.steps?.[0]?.expected, {
    one: { ...machine, encryptionConfiguration: { type: "AWS_OWNED_KEY" } },
    other: own,
  });
});

test("a case that AWS answers so today is played as it stands", () => {
  const one = { id: "any", runs: [{ expected: { status: "SUCCEEDED", output: { StopDate: "x" }, history: [] } }] };
  const { cases, found } = amendedCases([structuredClone(one)]);
  deepStrictEqual(cases, [one]);
  deepStrictEqual(found.flat(), []);
});

test("every amendment says what is wrong and why, and leaves out only cases that it names", () => {
  for (const { recorded, reason, amend, cases } of amendments) {
    strictEqual(recorded.length > 10 && reason.length > 10, true, recorded);
    strictEqual(amend !== undefined || (cases ?? []).length > 0, true, recorded);
  }
});

test("figuresOf() counts what was played, and sees a bar that is missed", () => {
  const passed = { needs: [], level: 3 };
  const results = [...Array.from({ length: 99 }, (_, index) => ({ id: `${index}`, ...passed })), {
    id: "last",
    needs: ["lambda"],
    level: 1,
  }, { id: "other", needs: [], skipped: "needs sqs" }];
  deepStrictEqual(figuresOf(results), {
    lines: [
      "level 1: 100 of 100 (100 %); of those that need nothing 99 of 99 (100 %)",
      "level 2: 99 of 100 (99 %); of those that need nothing 99 of 99 (100 %)",
      "level 3: 99 of 100 (99 %); of those that need nothing 99 of 99 (100 %)",
      "not played: 1",
    ],
    isMet: true,
  });
  strictEqual(figuresOf([...results, { id: "bare", needs: [], level: 2 }]).isMet, false);
});
