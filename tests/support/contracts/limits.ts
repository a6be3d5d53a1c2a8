/** What a home must do with the limits that it is opened with, as tests: each home's test file says how it is opened. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import type { Home } from "../../../src/homes/mod.ts";
import { RequestRefused } from "../../../src/runtime/mod.ts";
import { type Json, type Limits, LimitsInvalid } from "../../../src/values/mod.ts";

const space = { tenant: "default", namespace: "default" };
const pass = { StartAt: "P", States: { P: { Type: "Pass", End: true } } };
const loop = {
  StartAt: "P",
  States: {
    P: { Type: "Pass", Next: "Q" },
    Q: { Type: "Choice", Choices: [{ Variable: "$.stop", IsPresent: true, Next: "R" }], Default: "P" },
    R: { Type: "Succeed" },
  },
};

function nested(depth: number): Json {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

function refusal(code: string): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof RequestRefused && thrown.code === code;
}

/** @param open opens a fresh home; the tests close it */
export function testLimitsContract(name: string, open: (limits?: Partial<Limits>) => Promise<Home>): void {
  const withHome = async (limits: Partial<Limits> | undefined, work: (home: Home) => Promise<void>) => {
    const home = await open(limits);
    try {
      await work(home);
    } finally {
      await home.close();
    }
  };
  const put = ({ engine }: Home, definition: Json) =>
    Effect.runPromise(engine.putWorkflow({ ...space, name: "machine", definition }));
  const run = ({ engine }: Home, input: Json) =>
    Effect.runPromise(engine.runExecution({ ...space, workflow: "machine", input }));

  test(`${name}: an input is measured by payloadBytesMax`, async () => {
    const input = "x".repeat(2_000);
    await withHome({ payloadBytesMax: 1_500 }, async (home) => {
      strictEqual(home.limits.payloadBytesMax, 1_500);
      await put(home, pass);
      await rejects(run(home, input), refusal("PayloadTooLarge"));
      strictEqual((await run(home, "short")).status, "Succeeded");
    });
    await withHome(undefined, async (home) => {
      await put(home, pass);
      strictEqual((await run(home, input)).status, "Succeeded");
    });
  });

  test(`${name}: a state's output is measured by payloadBytesMax, a history by historyEventsMax`, async () => {
    await withHome({ payloadBytesMax: 1_500, historyEventsMax: 60 }, async (home) => {
      await put(home, { StartAt: "P", States: { P: { Type: "Pass", Result: "x".repeat(2_000), End: true } } });
      const { status, error } = await run(home, 1);
      deepStrictEqual([status, error], ["Failed", "States.DataLimitExceeded"]);
      await put(home, loop);
      const ended = await run(home, {});
      deepStrictEqual([ended.status, ended.error], ["Failed", "States.Runtime"]);
      const { events } = await Effect.runPromise(
        home.engine.executionHistory({ ...space, executionId: ended.executionId, limit: 1_000 }),
      );
      ok(events.length <= 70, `${events.length} events`);
    });
  });

  test(`${name}: a definition is measured by statesMax, an input by jsonDepthMax`, async () => {
    await withHome({ statesMax: 1, jsonDepthMax: 20 }, async (home) => {
      await rejects(put(home, loop), refusal("InvalidDefinition"));
      await put(home, pass);
      strictEqual((await run(home, nested(19))).status, "Succeeded");
      await rejects(run(home, nested(30)), refusal("InvalidArgument"));
    });
  });

  test(`${name}: limits that cannot be are named, and nothing is opened`, async () => {
    await rejects(open({ payloadBytesMax: 1 }), (thrown) => thrown instanceof LimitsInvalid);
    await rejects(open({ turnBytesMax: 4_096 }), (thrown) => {
      match(String(thrown), /payloadBytesMax.*turnBytesMax/);
      return thrown instanceof LimitsInvalid;
    });
  });
}
