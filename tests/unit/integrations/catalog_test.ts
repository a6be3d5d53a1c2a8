// Goal: whoever adds an integration learns here what it wants beside its own code and its line in the catalog.
import { ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { catalog, type Integration, type Surroundings } from "../../../src/integrations/mod.ts";
import { taskFamily } from "../../../src/protocol/mod.ts";
import { awsServiceOf, defaultLimits, parseResource } from "../../../src/values/mod.ts";

const docs = new URL("../../../docs/", import.meta.url);
const tests = new URL("../../", import.meta.url);
const surroundings: Surroundings = {
  limits: defaultLimits,
  stores: {},
  nats: () => Promise.reject(new Error("No task is done here")),
};
const settings = {
  lambdaEndpoint: "http://127.0.0.1:1",
  map: { path: "map.json", text: '{"arn:aws:states:::aws-sdk:ses:sendEmail": "nats:request:ship"}' },
  aws: { services: ["dynamodb", "sqs", "batch", "secretsmanager"], region: "us-east-1" },
};
const made = new Map(
  Object.entries(catalog).flatMap(([name, { setUp }]): [string, Integration][] => {
    const integration = setUp(settings, surroundings);
    return integration === undefined ? [] : [[name, integration]];
  }),
);

/** The parts of a heading's address: `## NATS services` is `#nats-services`. */
const slugOf = (heading: string) => heading.toLowerCase().replace(/[^\w\s-]/g, "").trim().replaceAll(/\s+/g, "-");

for (const [name, { resources, documentedIn }] of Object.entries(catalog)) {
  test(`the integration "${name}" is told whole: who does it, how it is checked, shown and described, and what tests it`, async () => {
    ok(made.has(name), "Give this test the settings with which it is set up");
    for (const resource of resources) {
      const doers = [...made].flatMap(([other, integration]) => integration.handles(resource) ? [other] : []);
      ok(doers.length === 1 && doers[0] === name, `Expected ${resource} to be done by it alone, but: ${doers.join()}`);
      ok(
        taskFamily(resource) !== "Activity",
        `AWS's history would tell of ${resource} as of an activity: let src/values/resource.ts know what it is`,
      );
      const parsed = parseResource(resource);
      if (parsed.kind !== "Service" || parsed.isSdk) continue;
      ok(
        Object.hasOwn(awsServiceOf(parsed).calls, parsed.action),
        `Say in src/values/aws_services.ts which fields the call ${parsed.call} cannot do without, and what it answers`,
      );
    }
    const [page = "", section] = documentedIn.split("#");
    const text = await readFile(new URL(page, docs), "utf8");
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => slugOf(heading));
    ok(section === undefined || headings.includes(section), `Write the section #${section} of docs/${page}`);
    const table = await readFile(new URL("integrations.md", docs), "utf8");
    const link = page === "integrations.md" ? `](#${section})` : `](${documentedIn})`;
    ok(table.includes(link), `Give it a line in the first table of docs/integrations.md that leads to ${documentedIn}`);
    const wanted = `${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_test.ts`;
    const found = await Promise.all(["unit/integrations/", "system/integrations/"].map(async (folder) => {
      const url = new URL(folder, tests);
      return existsSync(url) ? await readdir(url) : [];
    }));
    ok(found.flat().includes(wanted), `Test it in tests/unit/integrations/${wanted}, or under tests/system`);
  });
}
