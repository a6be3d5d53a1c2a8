// Whoever could talk to a release can talk to this Weft: the same requests are answered with no less.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { FeedMessage } from "../../src/runtime/mod.ts";
import { makeMemoryStorage } from "../../src/storage/memory/mod.ts";
import type { Json, JsonObject } from "../../src/values/mod.ts";
import { TestNode } from "../support/test_node.ts";
import { goldenLines, releases } from "./golden/golden_files.ts";
import { nodeOptions, tell, type Told, toldByFeed } from "./golden/tell.ts";

/** Fields whose texts are codes, and must stay as they are. */
const codes = new Set(["status", "code", "__type", "type", "error"]);

/** What releases said in TestState that AWS does not say, taken back on purpose: a Pass state with a Result has no stages before it. */
const passWithResult = /"aws":"TestState".*Type\\":\\"Pass\\",\\"Result/;
const mended = /\.inspectionData\.(afterInputPath|afterParameters) is gone$/;

/** Places where `now` says less than `released`, or something else. */
function lost(released: Json, now: Json | undefined, place: string): readonly string[] {
  if (now === undefined) return [`${place} is gone`];
  if (kindOf(released) !== kindOf(now)) return [`${place} was ${kindOf(released)}, and is ${kindOf(now)}`];
  if (Array.isArray(released)) {
    const items = now as readonly Json[];
    if (items.length < released.length) return [`${place} had ${released.length} items, and has ${items.length}`];
    return released.flatMap((item, index) => lost(item, items[index], `${place}[${index}]`));
  }
  if (typeof released === "object" && released !== null) {
    const fields = now as JsonObject;
    return Object.entries(released).flatMap(([name, value]) =>
      codes.has(name) && typeof value === "string" && value !== fields[name]
        ? [`${place}.${name} was "${value}", and is ${JSON.stringify(fields[name])}`]
        : lost(value, fields[name], `${place}.${name}`)
    );
  }
  return [];
}

function kindOf(value: Json): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

test("lost() finds what is gone, has another type or another code, and lets more fields be", () => {
  const released = { status: "Running", n: 1, list: [{ a: "x" }] };
  deepStrictEqual(lost(released, { ...released, n: 2, more: true, list: [{ a: "y", b: 1 }, {}] }, ""), []);
  strictEqual(lost(released, { ...released, n: "1" }, "").length, 1);
  strictEqual(lost(released, { ...released, status: "Ended" }, "").length, 1);
  strictEqual(lost(released, { status: "Running", list: [] }, "").length, 2);
});

for (const release of await releases()) {
  test(`the requests of ${release} to NATS services and the AWS API are answered with no less, and its tasks and feed say no less`, async () => {
    const golden = await goldenLines<Told & JsonObject>(release, "answers.jsonl");
    const feed: Json[] = [];
    const options = {
      ...nodeOptions,
      snapshots: makeMemoryStorage(),
      feed: (message: FeedMessage) => void feed.push(toldByFeed(message)),
    };
    const { node, told } = await tell(
      await TestNode.open(undefined, options),
      golden.map(({ step }) => step),
      options,
    );
    const findings = golden.flatMap(({ step, answer }, index) =>
      lost(answer, told[index]?.answer, `${index}: ${JSON.stringify(step).slice(0, 120)}`).filter((finding) =>
        !(passWithResult.test(JSON.stringify(step)) && mended.test(finding))
      )
    );
    deepStrictEqual(findings, [], "Released answers may gain fields, and lose or change none");
    const released = await goldenLines<JsonObject>(release, "feed.jsonl");
    ok(released.length > 100);
    deepStrictEqual(lostEvents(released, feed as readonly JsonObject[]), [], "The feed may gain fields, and lose none");
    await node.close();
  });
}

/** Of each type of event, with each set of fields that the release told of: a message now that has them too. */
function lostEvents(released: readonly JsonObject[], now: readonly JsonObject[]): readonly string[] {
  const eventsOf = (messages: readonly JsonObject[]) =>
    messages.flatMap(({ events }) => events as readonly (JsonObject & { readonly type: string })[]);
  const present = eventsOf(now);
  return eventsOf(released).filter((event) =>
    !present.some((other) => other.type === event.type && lost({ ...event, timestamp: "" }, other, "").length === 0)
  ).map(({ type }) => type);
}
