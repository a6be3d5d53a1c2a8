/**
 * Goal: the console opens at once beside ten thousand closed executions, and stays quick while much happens.
 * Method: the bars of a quiet machine, times three: other tests share this one. What is measured is printed.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { Effect } from "effect";
import { account, passMachine, roleArn } from "../support/aws_api.ts";
import { openConsole, startBrowser } from "../support/console/browser.ts";
import { region, serveConsole, type ServedConsole, space } from "../support/console/served_console.ts";

const BUSY = 3;
const FIRST_VIEW_MS = 1_000;
const LAYOUT_MS = 500;
const FRAME_MS = 60;
const TRANSFER_BYTES = 512_000;
const EXECUTIONS = 10_000;
const STATES = 200;
const ITERATIONS = 10_000;

let served: ServedConsole;
let browser: Browser;
before(async () => {
  [served, browser] = await Promise.all([serveConsole(), startBrowser()]);
  for (const [name, definition] of Object.entries({ closed: passMachine, wide: wideMachine(), many: manyMachine() })) {
    await served.aws("CreateStateMachine", { name, definition, roleArn });
  }
});
after(async () => {
  await browser?.close();
  await served?.close();
});

/** Two hundred states, every fifth with a way back. */
function wideMachine(): string {
  const states = Object.fromEntries(
    Array.from({ length: STATES }, (_, index) => {
      const next = index === STATES - 1 ? "End" : `State${index + 1}`;
      const choice = { Variable: "$.never", IsPresent: true, Next: `State${Math.max(0, index - 7)}` };
      return [
        `State${index}`,
        index % 5 === 4 ? { Type: "Choice", Choices: [choice], Default: next } : { Type: "Pass", Next: next },
      ];
    }),
  );
  return JSON.stringify({ StartAt: "State0", States: { ...states, End: { Type: "Succeed" } } });
}

function manyMachine(): string {
  const work = { StartAt: "Work", States: { Work: { Type: "Wait", Seconds: 1, End: true } } };
  return JSON.stringify({
    QueryLanguage: "JSONata",
    StartAt: "Many",
    States: {
      Many: { Type: "Map", Items: `{% [1..${ITERATIONS}] %}`, MaxConcurrency: 400, ItemProcessor: work, End: true },
    },
  });
}

async function started(machine: string): Promise<string> {
  const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:${machine}`;
  const { executionArn } = await served.aws("StartExecution", { stateMachineArn });
  return String((await served.ask("executions/find", { arn: executionArn }))["executionId"]);
}

test(`the first view beside ${EXECUTIONS} closed executions comes at once, and little is loaded`, async (t) => {
  const runs = Array.from(
    { length: EXECUTIONS },
    () => served.home.engine.runExecution({ ...space, workflow: "closed", input: {} }),
  );
  await Effect.runPromise(Effect.forEach(runs, (run) => run, { concurrency: 64, discard: true }));
  const from = performance.now();
  const { page, troubles, close } = await openConsole(browser, served.address);
  await page.getByRole("row").nth(50).waitFor();
  const ms = performance.now() - from;
  const bytes = await page.evaluate(
    "performance.getEntries().reduce((sum, { transferSize = 0 }) => sum + transferSize, 0)",
  );
  t.diagnostic(`first view: ${Math.round(ms)} ms, ${bytes} bytes`);
  ok(ms <= FIRST_VIEW_MS * BUSY, `${ms} ms`);
  ok(Number(bytes) <= TRANSFER_BYTES, `${bytes} bytes`);
  await page.getByRole("button", { name: "Succeeded 1,000+" }).waitFor();
  deepStrictEqual(troubles, []);
  await close();
});

test(`a graph of ${STATES} states is laid out at once`, async (t) => {
  const executionId = await started("wide");
  const { page, close } = await openConsole(browser, served.address, `#/execution${executionId}`);
  await page.getByRole("button", { name: /^End Succeed, succeeded/ }).waitFor();
  const ms = Number(await page.evaluate("performance.getEntriesByName('weft-layout').at(-1).duration"));
  t.diagnostic(`layout: ${Math.round(ms)} ms`);
  ok(ms <= LAYOUT_MS * BUSY, `${ms} ms`);
  await close();
});

test(`a Map of ${ITERATIONS} iterations is followed without stopping the page`, async (t) => {
  const executionId = await started("many");
  const { page, troubles, close } = await openConsole(browser, served.address, `#/execution${executionId}`);
  await page.getByRole("button", { name: /^Many Map, running/ }).waitFor();
  const measured: unknown = await page.evaluate(`new Promise((resolve) => {
    const frames = [];
    const from = performance.now();
    let last = from;
    const frame = (now) => {
      frames.push(now - last);
      last = now;
      if (now - from < 5000) requestAnimationFrame(frame);
      else resolve({ frames: frames.sort((a, b) => a - b), text: document.querySelector(".state.group .about").textContent });
    };
    requestAnimationFrame(frame);
  })`);
  const { frames, text } = measured as { readonly frames: readonly number[]; readonly text: string };
  const at = (share: number) => frames[Math.floor((frames.length - 1) * share)] ?? 0;
  const told = [0.5, 0.95, 0.99, 1].map((share) => `${at(share).toFixed(0)} ms`).join(" / ");
  const { next } = await served.ask("executions/history", { executionId, after: 0 });
  t.diagnostic(`frames p50/p95/p99/max: ${told} of ${frames.length}; ${text}; events beyond ${next}`);
  ok(at(0.95) <= FRAME_MS * BUSY, told);
  await page.getByRole("tab", { name: "Events" }).click();
  await page.getByRole("list", { name: "Events" }).getByRole("listitem").first().waitFor();
  ok(await page.locator(".row").count() < 100);
  strictEqual(troubles.length, 0);
  await served.ask("executions/stop", { executionId });
  await close();
});
