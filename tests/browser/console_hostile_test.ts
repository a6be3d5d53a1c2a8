/**
 * Goal: names and payloads of strangers are shown as text. Nothing of them runs, asks for anything, or breaks the page.
 * Method: machines whose names of states, errors, causes and payloads are what attackers write; every view of them is opened.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { account, asked, roleArn } from "../support/aws_api.ts";
import { fitsInWidth, openConsole, startBrowser } from "../support/console/browser.ts";
import { region, serveConsole, type ServedConsole } from "../support/console/served_console.ts";

const image = `<img src=x onerror="alert(1)">`;
const script = `"><script>alert(2)</script>`;
const turned = "\u202eevil\u202c \u0645\u0631\u062d\u0628\u0627";
const template = "{{constructor.constructor('alert(3)')()}}";
const link = "javascript:alert(4)";

let served: ServedConsole;
let browser: Browser;
before(async () => {
  [served, browser] = await Promise.all([serveConsole(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await served?.close();
});

async function run(name: string, definition: object, input: unknown): Promise<string> {
  const created = await served.aws("CreateStateMachine", { name, definition: JSON.stringify(definition), roleArn });
  strictEqual(created["message"], undefined);
  const { executionArn } = await served.aws("StartExecution", {
    stateMachineArn: `arn:aws:states:${region}:${account}:stateMachine:${name}`,
    input: JSON.stringify(input),
  });
  const { executionId } = await served.ask("executions/find", { arn: executionArn });
  await asked(() => served.ask("executions/describe", { executionId }), ({ endedAt }) => endedAt !== undefined);
  return String(executionId);
}

test("hostile names, errors and payloads are text on every view", async () => {
  const definition = {
    Comment: image,
    StartAt: image,
    States: {
      [image]: { Type: "Pass", Comment: script, Next: turned },
      [turned]: { Type: "Pass", Next: template },
      [template]: { Type: "Pass", Next: script },
      [script]: { Type: "Fail", Error: image, Cause: `${script} ${turned} ${link}` },
    },
  };
  const input = { [image]: script, __proto__x: 1, executionArn: link, ["__proto__"]: { polluted: true }, turned, link };
  const executionId = await run("hostile", definition, input);
  const { page, troubles, close } = await openConsole(browser, served.address, "#/executions?text=hostile");
  await page.getByRole("cell", { name: image }).waitFor();
  await page.goto(`${served.address}/console/#/execution${executionId}`);
  await page.getByText(script).first().waitFor();
  for (const label of [image, script]) await page.getByRole("button", { name: label.slice(0, 10) }).first().click();
  for (const tab of ["Timeline", "Events", "Input and output", "Graph"]) {
    await page.getByRole("tab", { name: tab, exact: true }).click();
    strictEqual(await page.locator("img, iframe, script:not([src])").count(), 0);
  }
  for (
    const place of [
      "#/definitions/hostile",
      `#/start/${encodeURIComponent(image)}`,
      `#/arn/${link}`,
      `#/${image}`,
      "#/execution%",
    ]
  ) {
    await page.goto(`${served.address}/console/${place}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
  }
  strictEqual(await page.locator("img, iframe, script:not([src])").count(), 0);
  strictEqual(await page.locator('a[href^="javascript:"]').count(), 0);
  strictEqual(await page.evaluate("({}).polluted"), undefined);
  deepStrictEqual(troubles, []);
  await close();
});

test("a payload of 256 KiB and one that nests deep do not stop the page", async () => {
  const pass = { StartAt: "P", States: { P: { Type: "Pass", End: true } } };
  const large = await run("large", pass, { text: `${"w".repeat(260_000)}${image}` });
  let nested: unknown = image;
  for (let depth = 0; depth < 200; depth++) nested = depth % 2 === 0 ? [nested] : { a: nested };
  const deep = await run("deep", pass, nested);
  const { page, troubles, close } = await openConsole(browser, served.address);
  for (const executionId of [large, deep]) {
    await page.goto(`${served.address}/console/#/execution${executionId}`);
    await page.getByRole("button", { name: /^P Pass, succeeded/ }).click();
    await page.getByRole("tab", { name: "Difference" }).click();
    await page.getByRole("region", { name: "Difference between input and output" }).waitFor();
    await page.getByRole("tab", { name: "Output" }).first().click();
    ok(await fitsInWidth(page));
  }
  deepStrictEqual(troubles, []);
  await close();
});

test("the policy of the page stops what would be inline, whoever put it there", async () => {
  const { page, close } = await openConsole(browser, served.address);
  await page.getByRole("heading", { name: "Executions" }).waitFor();
  const ran = await page.evaluate(`(() => {
    const put = document.createElement("button");
    try { put.innerHTML = "<img src=x onerror=window.ran=1>"; } catch { return "no markup"; }
    return "markup";
  })()`);
  strictEqual(ran, "no markup");
  strictEqual(await page.evaluate("window.ran"), undefined);
  await close();
});
