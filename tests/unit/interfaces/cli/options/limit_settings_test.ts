import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { limitVariable } from "../../../../../src/interfaces/cli/options/limit_options.ts";
import { begin, errorOf, taskDefinition, weft } from "../../../../support/cli/weft.ts";

test("limitVariable() is the limit's name in the environment", () => {
  strictEqual(limitVariable("payloadBytesMax"), "WEFT_LIMIT_PAYLOAD_BYTES_MAX");
  strictEqual(limitVariable("redrivableDays"), "WEFT_LIMIT_REDRIVABLE_DAYS");
});

const fixtures = fileURLToPath(new URL("../../../../support/cli/fixtures/", import.meta.url));
const flags = ["--limit", "payloadBytesMax=65536", "--limit", "historyEventsMax=100"];
const env = { WEFT_LIMIT_HISTORY_EVENTS_MAX: "200", WEFT_LIMIT_RETENTION_SECONDS: "3600" };
const wanted = { payloadBytesMax: 65_536, historyEventsMax: 100, retentionSeconds: 3_600 };

for (const command of ["serve", "dev"]) {
  test(`weft ${command} takes limits from --limit, else from the environment`, async () => {
    const { io, homes, exitCode } = begin([command, ...flags], ({ io }) => Object.assign(io.env, env));
    await io.stdout.until("is up");
    deepStrictEqual([...homes.served, ...homes.dev].map(({ limits }) => limits), [wanted]);
    io.signal("SIGTERM");
    strictEqual(await exitCode, 0);
  });
}

test("weft run takes limits from --limit, else from the environment", async () => {
  const { homes } = await weft(["run", "hello.asl.json", "--handlers", "handlers.ts", ...flags], ({ io }) => {
    Object.assign(io.env, env);
    io.cwd = fixtures;
    io.files.set("hello.asl.json", taskDefinition("greet"));
  });
  deepStrictEqual(homes.embedded.map(({ limits }) => limits), [wanted]);
});

const wrong = [
  { what: "no number", args: ["--limit", "payloadBytesMax=many"], says: /payloadBytesMax=many/ },
  { what: "a limit that is none", args: ["--limit", "payloadBytes=5000"], says: /payloadBytesMax/ },
  { what: "a limit out of its range", args: ["--limit", "payloadBytesMax=1"], says: /payloadBytesMax.*1024.*262144/ },
  {
    what: "limits that do not fit together",
    args: ["--limit", "turnBytesMax=4096"],
    says: /payloadBytesMax.*turnBytesMax/,
  },
  { what: "no number in the environment", args: [], env: "many", says: /WEFT_LIMIT_MAP_ITEMS_MAX/ },
];
for (const { what, args, env: text, says } of wrong) {
  test(`weft dev refuses ${what}, and opens nothing`, async () => {
    const { err, homes, code } = await weft(["dev", "--json", ...args], ({ io }) => {
      if (text !== undefined) Object.assign(io.env, { WEFT_LIMIT_MAP_ITEMS_MAX: text });
    });
    strictEqual(code, 2);
    match(errorOf(err).message, says);
    deepStrictEqual(homes.dev, []);
  });
}
