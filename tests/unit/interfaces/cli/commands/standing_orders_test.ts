import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { FakeHomes } from "../../../../support/cli/fake_homes.ts";
import { weft } from "../../../../support/cli/weft.ts";

const nightly = { name: "nightly", expression: "cron(0 3 * * ? *)", stateMachine: "report" };
const orders = { name: "orders", subject: "shop.orders.*", stateMachine: "order" };

function withBoth(homes: FakeHomes): void {
  void homes.standing.putSchedule({ ...nightly, overlap: "skip" });
  void homes.standing.putTrigger(orders);
}

test("weft schedules put passes everything on that it is told", async () => {
  const argv = ["schedules", "put", "nightly", nightly.expression, "--workflow", "report", "--input", '{"a":1}'];
  const more = [
    "--timezone",
    "Europe/Zurich",
    "--overlap",
    "buffer-one",
    "--catch-up",
    "60",
    "--flexible",
    "5",
    "--once",
  ];
  const ran = await weft([...argv, ...more, "--start-at", "2026-02-01T06:00:00Z"]);
  strictEqual(ran.out, "nightly is due 2026-01-01T01:00:00.000Z\n");
  const {
    name,
    expression,
    stateMachine,
    input,
    timezone,
    overlap,
    catchUpSeconds,
    flexibleMinutes,
    deletesItself,
    startAt,
  } = await ran.homes.standing.describeSchedule("nightly");
  deepStrictEqual(
    {
      name,
      expression,
      stateMachine,
      input,
      timezone,
      overlap,
      catchUpSeconds,
      flexibleMinutes,
      deletesItself,
      startAt,
    },
    {
      ...nightly,
      ...{ input: '{"a":1}', timezone: "Europe/Zurich", overlap: "buffer-one", catchUpSeconds: 60, flexibleMinutes: 5 },
      ...{ deletesItself: true, startAt: "2026-02-01T06:00:00Z" },
    },
  );
});

test("weft schedules list, describe, pause, resume and delete", async () => {
  const prepare = ({ homes }: { readonly homes: FakeHomes }) => withBoth(homes);
  match((await weft(["schedules", "list"], prepare)).out, /nightly +cron\(0 3 \* \* \? \*\) +report/);
  match((await weft(["schedules", "describe", "nightly"], prepare)).out, /overlap +skip/);
  const paused = await weft(["schedules", "pause", "nightly"], prepare);
  strictEqual(paused.out, "nightly is paused\n");
  const kept = await paused.homes.standing.describeSchedule("nightly");
  deepStrictEqual([kept.isEnabled, kept.overlap], [false, "skip"]);
  strictEqual(
    (await weft(["schedules", "resume", "nightly"], prepare)).out,
    "nightly is due 2026-01-01T01:00:00.000Z\n",
  );
  strictEqual((await weft(["schedules", "delete", "nightly"], prepare)).out, "nightly deleted\n");
  const missing = await weft(["schedules", "delete", "nobody", "--json"]);
  strictEqual(missing.code, 1);
  match(missing.err, /"code":"NotFound"/);
});

test("weft triggers put, list, describe and delete", async () => {
  const prepare = ({ homes }: { readonly homes: FakeHomes }) => withBoth(homes);
  const argv = ["triggers", "put", "new", "shop.new", "--workflow", "order", "--input", '{"id.$":"$.data.id"}'];
  const put = await weft([...argv, "--dead-letters", "shop.dead", "--refusals", "2", "--from", "oldest"], prepare);
  strictEqual(put.out, "new takes shop.new\n");
  const { input, deadLetterSubject, refusalsMax, from } = await put.homes.standing.describeTrigger("new");
  deepStrictEqual([input, deadLetterSubject, refusalsMax, from], ['{"id.$":"$.data.id"}', "shop.dead", 2, "oldest"]);
  match((await weft(["triggers", "list"], prepare)).out, /orders +shop\.orders\.\* +order +enabled/);
  match((await weft(["triggers", "describe", "orders"], prepare)).out, /refusals +5, then given up/);
  strictEqual((await weft(["triggers", "delete", "orders"], prepare)).out, "orders deleted\n");
});

test("what is used wrongly is told before a server is asked", async () => {
  strictEqual((await weft(["schedules", "put", "x", "rate(1 day)"])).code, 2);
  strictEqual((await weft(["schedules", "put", "x", "rate(1 day)", "--workflow", "w", "--overlap", "never"])).code, 2);
  strictEqual((await weft(["triggers", "put", "x", "s", "--workflow", "w", "--concurrency", "0"])).code, 2);
});
