/** Goal: what a user's test relies on: mocks by state and resource, time that is skipped, what each state had and gave, coverage. */
import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { neverAnswers, testMachine } from "../../../src/testing/mod.ts";

const order = {
  StartAt: "Charge",
  States: {
    Charge: {
      Type: "Task",
      Resource: "charge",
      Parameters: { "cents.$": "$.cents" },
      TimeoutSeconds: 60,
      Retry: [{ ErrorEquals: ["Busy"], IntervalSeconds: 3_600, MaxAttempts: 3 }],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Refuse" }],
      Next: "Cool",
    },
    Cool: { Type: "Wait", Seconds: 31_536_000, Next: "Each" },
    Each: {
      Type: "Map",
      ItemsPath: "$.items",
      ItemProcessor: {
        StartAt: "Send",
        States: { Send: { Type: "Task", Resource: "send", End: true } },
      },
      End: true,
    },
    Refuse: { Type: "Fail", Error: "Refused", CausePath: "$.Cause" },
  },
};

test("run() takes mocks by state, by resource and as plain values, skips time, and shows every state", async () => {
  const machine = testMachine(order);
  let calls = 0;
  const startedMs = performance.now();
  const run = await machine.run({ cents: 5 }, {
    mocks: {
      Charge: (input) => {
        if (++calls < 3) throw Object.assign(new Error("later"), { error: "Busy" });
        return { items: [1, 2], asked: input };
      },
      send: "sent",
    },
  });
  ok(performance.now() - startedMs < 5_000);
  deepStrictEqual([run.status, run.output], ["Succeeded", ["sent", "sent"]]);
  deepStrictEqual(run.states[0], {
    name: "Charge",
    type: "Task",
    input: { cents: 5 },
    attempts: 3,
    output: { items: [1, 2], asked: { cents: 5 } },
    next: "Cool",
  });
  deepStrictEqual(run.states.map(({ name }) => name), ["Charge", "Cool", "Each", "Send", "Send"]);
  const [first, last] = [run.events[0], run.events.at(-1)];
  const tookMs = Date.parse(last?.timestamp ?? "") - Date.parse(first?.timestamp ?? "");
  ok(tookMs >= 31_536_000_000, `${tookMs} ms`);
});

test("run() fires no timeout while a mock works, and fires it where a mock never answers", async () => {
  const machine = testMachine(order);
  const slow = await machine.run({ cents: 5 }, {
    mocks: {
      Charge: async () => {
        for (let turn = 0; turn < 20_000; turn++) await setImmediate(); // many looks of the clock long
        return { items: [] };
      },
    },
  });
  strictEqual(slow.status, "Succeeded");
  const silent = await machine.run({ cents: 5 }, { mocks: { Charge: neverAnswers } });
  deepStrictEqual([silent.status, silent.error, silent.states[0]?.error], ["Failed", "Refused", "States.Timeout"]);
});

test("run() fails a task that has no mock by name, and refuses a mock of nothing", async () => {
  const machine = testMachine({ StartAt: "A", States: { A: { Type: "Task", Resource: "a", End: true } } });
  const run = await machine.run({});
  deepStrictEqual([run.error, run.cause], ["Weft.NoMock", 'State "A" asks for "a", which has no mock']);
  await rejects(machine.run({}, { mocks: { B: 1 } }), /no "B"/);
});

test("testMachine() refuses a definition that is not valid, with every finding", () => {
  throws(() => testMachine({ StartAt: "A", States: { A: { Type: "Pass" } } }), /TypeError|MISSING_END_STATE/);
});

test("testState() gives one state's output and next state, and its catcher's", async () => {
  const machine = testMachine(order);
  const done = await machine.testState("Charge", { cents: 5 }, { result: { items: [] } });
  deepStrictEqual([done.status, done.nextState, done.output], ["SUCCEEDED", "Cool", { items: [] }]);
  strictEqual((await machine.testState("Charge", { cents: 5 }, { error: "Busy" })).status, "RETRIABLE");
  strictEqual((await machine.testState("Charge", { cents: 5 }, { error: "X" })).nextState, "Refuse");
  await rejects(machine.testState("Charge", {}), /Expected a result or an error/);
  await rejects(machine.testState("None", {}), /Cannot test the state "None"/);
});

test("coverage counts states and transitions over all runs, as text and for lcov", async () => {
  const machine = testMachine(JSON.stringify(order, undefined, 2));
  await machine.run({ cents: 5 }, { mocks: { Charge: { items: [1] }, send: null } });
  strictEqual(
    machine.coverage.text(),
    "states: 4 of 5\n  not covered: Refuse\ntransitions: 2 of 3\n  not covered: Charge → Refuse\n",
  );
  await machine.run({ cents: 5 }, {
    mocks: {
      Charge: () => {
        throw new Error("no");
      },
    },
  });
  strictEqual(machine.coverage.text(), "states: 5 of 5\ntransitions: 3 of 3\n");
  const lcov = machine.coverage.lcov("order.asl.json");
  match(lcov, /^TN:\nSF:order\.asl\.json\nFN:4,Charge\n/);
  match(lcov, /\nFNDA:2,Charge\n/);
  match(lcov, /\nBRDA:4,0,1,1\nBRDA:25,0,0,1\n|\nBRDA:4,0,0,1\nBRDA:4,0,1,1\n/);
  match(lcov, /\nDA:4,2\n/);
  match(lcov, /end_of_record\n$/);
});
