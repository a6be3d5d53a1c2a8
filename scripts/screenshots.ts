#!/usr/bin/env node
/** Makes the pictures of the console in `docs/images/`: an example is run, and looked at in a real browser. */
import { mkdir, readFile } from "node:fs/promises";
import process from "node:process";
import { accessibilityFaults, openConsole, startBrowser } from "../tests/support/console/browser.ts";
import { serveConsole } from "../tests/support/console/served_console.ts";
import { root } from "./test_run.ts";

const FOLDER = `${root}docs/images`;
const ROLE = "arn:aws:iam::111111111111:role/worker";
const REGION = "us-east-1";

await mkdir(FOLDER, { recursive: true });
const served = await serveConsole();
const browser = await startBrowser();
try {
  const text = await readFile(`${root}examples/order/order.asl.json`, "utf8");
  const activity = (name: string) => `arn:aws:states:${REGION}:111111111111:activity:${name}`;
  // Its tasks wait for workers that are not there: so there is something to see.
  const definition = text.replaceAll(
    /"Resource": "(order-[a-z-]+)"/g,
    (_, name: string) => `"Resource": "${activity(name)}"`,
  );
  const { stateMachineArn } = await served.aws("CreateStateMachine", { name: "order", definition, roleArn: ROLE });
  const input = await readFile(`${root}examples/order/input.json`, "utf8");
  for (const name of ["order-1041", "order-1042", "order-1043"]) {
    await served.aws("StartExecution", { stateMachineArn, name, input });
  }
  await served.aws("StartExecution", { stateMachineArn, name: "order-1044", input: "{}" });
  const { page, close } = await openConsole(browser, served.address);
  await page.getByRole("link", { name: "order-1043" }).waitFor();
  await page.screenshot({ path: `${FOLDER}/executions.png` });
  await page.getByRole("link", { name: "order-1043" }).click();
  await page.getByRole("button", { name: /^ReserveItem Task, / }).click();
  await page.getByRole("note", { name: "Why it waits" }).waitFor();
  await page.screenshot({ path: `${FOLDER}/execution.png` });
  process.stdout.write(`${(await accessibilityFaults(page)).length} faults found by axe\n`);
  await page.goto(`${served.address}/console/#/definitions/order`);
  await page.getByText("Nothing to find fault with.").waitFor();
  await page.screenshot({ path: `${FOLDER}/definition.png` });
  await close();
} finally {
  await browser.close();
  await served.close();
}
