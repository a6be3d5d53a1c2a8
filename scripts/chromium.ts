/**
 * Finds a Chromium for the tests of the console, or installs Debian's where that can be done, and prints its path.
 *
 * Looked for in this order: `$CHROMIUM`, `PATH`, Debian's package. A browser needs libraries and fonts of the system, so unlike nats-server it cannot be
 * brought into the cache: it is installed, which takes root and `apt-get`, as a machine for CI has them.
 */
import { execFile } from "node:child_process";
import { access, constants, mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { cacheFolder, withLock } from "./tool_cache.ts";

const run = promisify(execFile);
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const INSTALL_TIMEOUT_MS = 600_000;

let known: Promise<string> | undefined;

/**
 * Path of a Chromium. The first call on a machine may install it; other processes that ask at the same time wait for that.
 *
 * @throws {Error} none was found and none could be installed
 */
export function chromiumPath(): Promise<string> {
  return known ??= find();
}

async function find(): Promise<string> {
  const there = await installed();
  if (there !== undefined) return there;
  await mkdir(cacheFolder(), { recursive: true });
  return await withLock(join(cacheFolder(), "chromium.lock"), async () => await installed() ?? await install());
}

async function installed(): Promise<string | undefined> {
  const { CHROMIUM, PATH = "" } = process.env;
  if (CHROMIUM !== undefined && CHROMIUM !== "") return CHROMIUM;
  for (const folder of PATH.split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      if (await access(path, constants.X_OK).then(() => true, () => false)) return path;
    }
  }
  return undefined;
}

async function install(): Promise<string> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    await run("apt-get", ["-q", "update"], { env, timeout: INSTALL_TIMEOUT_MS });
    const packages = ["chromium", "fonts-dejavu-core"];
    const options = { env, timeout: INSTALL_TIMEOUT_MS, maxBuffer: 1 << 26 };
    await run("apt-get", ["-q", "-y", "--no-install-recommends", "install", ...packages], options);
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message.trim() : String(failure);
    throw new Error(
      `No Chromium was found, and Debian's could not be installed; set CHROMIUM to one's path: ${reason}`,
    );
  }
  const there = await installed();
  if (there === undefined) throw new Error("apt-get installed no Chromium; set CHROMIUM to one's path");
  return there;
}

if (import.meta.main) process.stdout.write(`${await chromiumPath()}\n`);
