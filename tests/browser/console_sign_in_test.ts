// Goal: where access keys are, somebody before a browser signs in with one, and sees what its role and account may see, live as well.
import { deepStrictEqual, rejects } from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { openConsole, startBrowser } from "../support/console/browser.ts";
import { type ServedWithKeys, serveWithKeys, tenant } from "../support/access/served_with_keys.ts";

let browser: Browser;
let served: ServedWithKeys;
before(async () => {
  [browser, served] = await Promise.all([startBrowser(), serveWithKeys()]);
});
after(async () => {
  await browser.close();
  await served.close();
});

test("without a key the page is not shown", async () => {
  const page = await browser.newPage();
  await rejects(page.goto(`${served.address}/console/`), /ERR_INVALID_AUTH_CREDENTIALS/);
  await page.close();
});

test("with a key it shows the key's account, and what happens there", async () => {
  const { credentials: { developer }, address, call } = served;
  const httpCredentials = { username: developer.accessKeyId, password: developer.secretAccessKey };
  const console = await openConsole(browser, address, "", { httpCredentials });
  await console.page.keyboard.press("n");
  await console.page.getByText(`${tenant} / us-east-1`).waitFor();
  await console.page.keyboard.press("e");
  const definition = JSON.stringify({ StartAt: "A", States: { A: { Type: "Pass", End: true } } });
  const roleArn = `arn:aws:iam::${tenant}:role/r`;
  const { body } = await call(developer, "CreateStateMachine", { name: "signed-in", definition, roleArn });
  await call(developer, "StartExecution", { stateMachineArn: body["stateMachineArn"], name: "seen-live" });
  await console.page.getByText("seen-live").first().waitFor();
  deepStrictEqual(console.troubles, []);
  await console.close();
});
