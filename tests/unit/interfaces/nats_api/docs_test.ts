import { deepStrictEqual, match, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { statusOfCode } from "../../../../src/interfaces/nats_api/mod.ts";
import { apiCodes } from "../../../../src/runtime/engine.ts";
import { eventSchemas } from "../../../../src/protocol/mod.ts";
import { hash7 } from "../../../../src/values/mod.ts";

const textOf = (path: string): Promise<string> => readFile(new URL(`../../../../${path}`, import.meta.url), "utf8");

test("docs/protocol.md's session has the hashes that its texts have", async () => {
  const text = await textOf("docs/protocol.md");
  ok(text.includes(`weft.task.default.default.${hash7("charge")}`));
  ok(text.includes(`/default/default/e${hash7("order-17")}/`));
});

test("docs/protocol.md has every code with its number", async () => {
  const text = await textOf("docs/protocol.md");
  for (const code of apiCodes) ok(text.includes(`| \`${code}\` | ${statusOfCode[code]} |`), code);
});

test("docs/protocol.md has a row for every event, and for no other", async () => {
  const section = (await textOf("docs/protocol.md")).split("\n## Events\n")[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, type]) => type));
  const events = Object.keys(eventSchemas);
  deepStrictEqual(
    events.filter((type) => !named.includes(type)),
    [],
    "Write a row for it, with its fields, in docs/protocol.md under Events",
  );
  deepStrictEqual(named.filter((type) => !events.includes(type ?? "")), []);
});

const codes = [
  ...apiCodes,
  "Timeout",
  "ConnectionClosed",
  "LogFromNewerVersion",
  "StoreFromNewerVersion",
  "LogDamaged",
  "ClusterSettingsLost",
  "ClusterSettingsDisagree",
];
test("each code has a page that says what it means, why it comes, and what to do; docs/errors.md leads to it", async () => {
  const list = await textOf("docs/errors.md");
  for (const code of codes) {
    match(list, new RegExp(`\\]\\(errors/${code}\\.md\\)`), code);
    const page = await textOf(`docs/errors/${code}.md`);
    match(page, new RegExp(`^# ${code}\n`));
    for (const part of ["Meaning", "Likely cause", "What to do"]) {
      match(page, new RegExp(`\\*\\*${part}:\\*\\* \\S`), code);
    }
  }
});
