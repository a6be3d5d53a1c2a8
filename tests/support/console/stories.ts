/** What people do with the console, as tests that run before any home. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Home } from "../../../src/homes/home.ts";
import { account, roleArn } from "../aws_api.ts";
import { accessibilityFaults, fitsInWidth, openConsole, startBrowser } from "./browser.ts";
import { region, serveConsole, type ServedConsole } from "./served_console.ts";

const ask = `arn:aws:states:${region}:${account}:activity:ask`;

/** A machine with everything that a graph shows. */
const tour = {
  StartAt: "Prepare",
  States: {
    Prepare: { Type: "Pass", Result: { items: [1, 2, 3, 4] }, ResultPath: "$.made", Next: "Both" },
    Both: {
      Type: "Parallel",
      Branches: [
        { StartAt: "Note", States: { Note: { Type: "Pass", End: true } } },
        {
          StartAt: "Each",
          States: {
            Each: {
              Type: "Map",
              ItemsPath: "$.made.items",
              ItemProcessor: { StartAt: "Work", States: { Work: { Type: "Pass", End: true } } },
              End: true,
            },
          },
        },
      ],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Mend" }],
      Next: "Ask",
    },
    Mend: { Type: "Pass", Next: "Ask" },
    Ask: { Type: "Task", Resource: ask, TimeoutSeconds: 600, Next: "Decide" },
    Decide: { Type: "Choice", Choices: [{ Variable: "$.ok", BooleanEquals: true, Next: "Done" }], Default: "Refuse" },
    Refuse: { Type: "Fail", Error: "Order.Refused", Cause: "Nobody wanted it, and this is why" },
    Done: { Type: "Succeed" },
  },
};

/** The console that a story plays before. */
interface Stage {
  readonly served: ServedConsole;
  /** Starts the tour under a name. */
  startTour(name: string): Promise<{ readonly executionId: string }>;
}

interface Story {
  readonly name: string;
  /** Behind `/console/`. */
  readonly place: string;
  readonly play: (page: Page, stage: Stage) => Promise<void>;
}

const stories: readonly Story[] = [
  {
    name: "an execution is started by hand, followed live, answered and ends",
    place: "#/definitions",
    play: async (page) => {
      await page.getByRole("row", { name: /tour/ }).getByRole("link", { name: "Start…" }).click();
      await page.getByLabel("Name, if it is to have one").fill("by-hand");
      await page.getByLabel("Input").fill('{ "order": 7 ');
      ok(await page.getByRole("button", { name: "Start", exact: true }).isDisabled());
      await page.getByLabel("Input").fill('{ "order": 7 }');
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.getByRole("heading", { name: /by-hand/ }).waitFor();
      await page.getByRole("button", { name: /^Each Map, succeeded, 4\/4/ }).waitFor();
      await page.getByRole("button", { name: /^Ask Task, waiting/ }).click();
      match(await page.getByRole("note", { name: "Why it waits" }).innerText(), /No worker has taken the task/);
      await page.getByText("Answer for it").click();
      await page.getByLabel("Output", { exact: true }).fill('{ "ok": true }');
      await page.getByRole("button", { name: "Send success" }).click();
      await page.getByRole("button", { name: /^Done Succeed, succeeded/ }).waitFor();
      await page.getByRole("heading", { name: /by-hand Succeeded/ }).waitFor();
    },
  },
  {
    name: "why one failed is seen at once, and it goes on from there",
    place: "#/executions",
    play: async (page, stage) => {
      const { executionId } = await stage.startTour("to-fail");
      await page.getByRole("link", { name: "to-fail" }).click();
      await page.getByRole("button", { name: /^Ask Task, waiting/ }).click();
      await page.getByText("Answer for it").click();
      await page.getByLabel("Output", { exact: true }).fill('{ "ok": false }');
      await page.getByRole("button", { name: "Send success" }).click();
      await page.getByRole("heading", { name: /to-fail Failed/ }).waitFor();
      await page.getByText("Nobody wanted it, and this is why").first().waitFor();
      await page.getByRole("button", { name: "Failed in Refuse" }).click();
      await page.getByRole("region", { name: "State Refuse" }).waitFor();
      await page.getByRole("button", { name: "Close the state" }).click();
      await page.goto(`${stage.served.address}/console/#/executions?status=Failed&error=refused`);
      await page.getByRole("link", { name: "to-fail" }).waitFor();
      await page.goto(`${stage.served.address}/console/#/execution${executionId}`);
      await page.getByRole("button", { name: "Redrive", exact: true }).click();
      await page.getByRole("button", { name: "Yes, redrive" }).click();
      await page.getByText(/redriven 1 times/).waitFor();
    },
  },
  {
    name: "states, timeline and events tell what happened",
    place: "#/executions",
    play: async (page, stage) => {
      await stage.startTour("told");
      await page.getByRole("link", { name: "told" }).click();
      await page.getByRole("button", { name: /^Ask Task, waiting/ }).waitFor();
      await page.getByRole("button", { name: /^Prepare / }).click();
      const panel = page.getByRole("region", { name: "State Prepare" });
      await panel.getByRole("tab", { name: "Output" }).click();
      await panel.getByText(/"items"/).waitFor();
      await panel.getByRole("tab", { name: "Difference" }).click();
      await panel.getByText(/^\+ {3}"made"/).first().waitFor();
      await page.getByRole("tab", { name: "Timeline" }).click();
      strictEqual(await page.getByRole("list", { name: "Timeline" }).getByRole("listitem").count(), 9);
      await page.getByRole("tab", { name: "Events" }).click();
      await page.getByLabel("Filter events").fill("IterationStarted");
      strictEqual(await page.getByRole("list", { name: "Events" }).getByRole("listitem").count(), 4);
      await page.getByRole("list", { name: "Events" }).getByRole("button").first().click();
      await page.getByRole("region", { name: /^Event/ }).first().waitFor();
      await page.keyboard.press("Escape");
    },
  },
  {
    name: "what destroys asks once",
    place: "#/executions",
    play: async (page, stage) => {
      await stage.startTour("to-stop");
      await page.getByRole("link", { name: "to-stop" }).click();
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByRole("button", { name: "No", exact: true }).click();
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByRole("button", { name: "Yes, stop" }).click();
      await page.getByRole("heading", { name: /to-stop Canceled/ }).waitFor();
      await page.getByRole("button", { name: "Delete", exact: true }).click();
      await page.getByRole("button", { name: "Yes, delete" }).click();
      await page.getByRole("heading", { name: "Executions" }).waitFor();
    },
  },
  {
    name: "the list is filtered, shared by its address, and live",
    place: "#/executions?text=listed",
    play: async (page, stage) => {
      await page.getByText("No execution fits.").waitFor();
      await stage.startTour("listed-live");
      await page.getByRole("link", { name: "listed-live" }).waitFor();
      await page.getByLabel("Name begins with").fill("nobody");
      await page.getByLabel("Name begins with").press("Enter");
      await page.getByText("No execution fits.").waitFor();
      match(page.url(), /prefix=nobody/);
      await page.getByRole("group", { name: "Status" }).getByRole("button", { name: /^Running/ }).click();
      match(page.url(), /status=Running/);
    },
  },
  {
    name: "a definition is checked as it is written, saved, published and tried",
    place: "#/definitions/+new",
    play: async (page) => {
      await page.getByLabel("Name").fill("written");
      await page.getByLabel("Definition").fill('{ "StartAt": "A", "States": { "A": { "Type": "Pass" } } }');
      await page.getByRole("list", { name: "Findings" }).getByText(/States\/A/).first().waitFor();
      const good = { StartAt: "A", States: { A: { Type: "Pass", Parameters: { "twice.$": "$.n" }, End: true } } };
      await page.getByLabel("Definition").fill(JSON.stringify(good));
      await page.getByText("Nothing to find fault with.").waitFor();
      await page.getByRole("button", { name: "Create" }).click();
      await page.getByRole("heading", { name: "written" }).waitFor();
      await page.getByRole("button", { name: "Publish a version" }).click();
      await page.getByText(/^Version 1,/).waitFor();
      await page.getByRole("button", { name: "A Pass" }).click();
      const playground = page.getByRole("region", { name: "Try A" });
      await playground.getByLabel("Input", { exact: true }).fill('{ "n": 2 }');
      await playground.getByRole("button", { name: "Test state" }).click();
      await playground.getByText(/SUCCEEDED/).waitFor();
    },
  },
  {
    name: "keys lead from page to page",
    place: "#/executions",
    play: async (page) => {
      await page.getByRole("heading", { name: "Executions" }).waitFor();
      await page.keyboard.press("n");
      await page.getByRole("heading", { name: "Engine" }).waitFor();
      await page.getByText("leading").first().waitFor();
      await page.getByRole("heading", { name: "Nodes" }).waitFor();
      await page.getByRole("heading", { name: "Tasks" }).waitFor();
      await page.keyboard.press("d");
      await page.getByRole("heading", { name: "Definitions" }).waitFor();
      await page.keyboard.press("e");
      await page.getByRole("heading", { name: "Executions" }).waitFor();
      await page.keyboard.press("/");
      strictEqual(await page.evaluate("document.activeElement.name"), "text");
    },
  },
];

/** Runs all stories before this home. @param open called once; the home is closed at the end */
export function testConsoleContract(homeName: string, open: () => Promise<Home>): void {
  let stage: Stage;
  let browser: Browser;
  before(async () => {
    let served: ServedConsole;
    [served, browser] = await Promise.all([serveConsole(open, homeName), startBrowser()]);
    stage = { served, startTour: (name) => startTour(served, name) };
    await served.aws("CreateActivity", { name: "ask" });
    await served.aws("CreateStateMachine", { name: "tour", definition: JSON.stringify(tour), roleArn });
  });
  after(async () => {
    await browser?.close();
    await stage?.served.close();
  });
  for (const { name, place, play } of stories) {
    test(`console before the ${homeName} home: ${name}`, async () => {
      const { page, troubles, close } = await openConsole(browser, stage.served.address, place);
      await play(page, stage);
      deepStrictEqual(troubles, []);
      await close();
    });
  }
  for (const [scheme, width] of [["light", 1280], ["dark", 390]] as const) {
    test(`console before the ${homeName} home: axe finds no fault, and all fits, ${scheme} and ${width} px wide`, async () => {
      const { executionId } = await stage.startTour(`seen-${scheme}`);
      const options = { colorScheme: scheme, viewport: { width, height: 844 } };
      const open = await openConsole(browser, stage.served.address, "", options);
      await lookAtAll(open.page, `${stage.served.address}/console/`, executionId);
      deepStrictEqual(open.troubles, []);
      await open.close();
    });
  }
}

/** Every page is without faults, and not wider than the window. */
async function lookAtAll(page: Page, console: string, executionId: string): Promise<void> {
  const places: readonly (readonly [place: string, tab: string | undefined])[] = [
    ["#/executions", undefined],
    [`#/execution${executionId}`, "Graph"],
    [`#/execution${executionId}`, "Timeline"],
    [`#/execution${executionId}`, "Events"],
    ["#/definitions", undefined],
    ["#/definitions/tour", undefined],
    ["#/start/tour", undefined],
    ["#/engine", undefined],
  ];
  for (const [place, tab] of places) {
    await page.goto(console + place);
    await page.getByRole("heading", { level: 1 }).waitFor();
    if (tab !== undefined) await page.getByRole("tab", { name: tab, exact: true }).click();
    if (tab === "Graph") await page.getByRole("button", { name: /^Ask Task, waiting/ }).click();
    deepStrictEqual(await accessibilityFaults(page), [], place);
    ok(await fitsInWidth(page), `${place} is too wide`);
  }
}

async function startTour(served: ServedConsole, name: string): Promise<{ readonly executionId: string }> {
  const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:tour`;
  const { executionArn } = await served.aws("StartExecution", { stateMachineArn, name, input: "{}" });
  return await served.ask<{ readonly executionId: string }>("executions/find", { arn: executionArn });
}
