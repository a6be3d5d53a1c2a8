/** A real browser before a console. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { chromiumPath } from "../../../scripts/chromium.ts";

/** How long a page may take for what is looked for, milliseconds. */
const PATIENCE_MS = 15_000;

/** A page, and what went wrong on it. */
export interface OpenPage {
  readonly page: Page;
  /** Errors of scripts, and what the browser refused by the page's policy. */
  readonly troubles: readonly string[];
  close(): Promise<void>;
}

/** Starts a browser without a window. Whoever starts it closes it. */
export async function startBrowser(): Promise<Browser> {
  // As root, in containers and in CI there is no sandbox to be had, and nothing but our own page is opened.
  return await chromium.launch({
    executablePath: await chromiumPath(),
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

/** Opens the console. @param place what stands behind `/console/` */
export async function openConsole(
  browser: Browser,
  address: string,
  place = "",
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("dialog", (dialog) => {
    troubles.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    // A refused request is shown on the page, and the browser notes it besides.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      troubles.push(message.text());
    }
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(address)) troubles.push(`a request to ${request.url()}`);
  });
  await page.goto(`${address}/console/${place}`);
  return { page, troubles, close: () => context.close() };
}

/** What axe finds fault with on a page, as lines. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  const path = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  // Not as a script of the page: its policy lets none in.
  await page.evaluate(await readFile(path, "utf8"));
  const faults: unknown = await page.evaluate(
    `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }).then(({ violations }) =>
      violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => id + ": " + help + ": " + html.slice(0, 200))))`,
  );
  return Array.isArray(faults) ? faults.map(String) : [String(faults)];
}

/** True when nothing on the page has to be scrolled to sideways. */
export async function fitsInWidth(page: Page): Promise<boolean> {
  return await page.evaluate("document.documentElement.scrollWidth <= innerWidth") === true;
}
