/**
 * Finds the AWS CLI, or brings it.
 *
 * Looked for in this order: `$AWS_CLI`, `PATH`, the cache, Debian's package `awscli` of this machine's own suite. Nothing is installed:
 * the package and those of its dependencies that are not here are unpacked into the cache folder only.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { downloadPackages, suiteName } from "./debian_packages.ts";
import { cacheFolder, withLock } from "./tool_cache.ts";

const run = promisify(execFile);
const ANSWER_TIMEOUT_MS = 30_000;

/** How the AWS CLI is called: `file`, then `args`, then its own arguments. */
export interface AwsCli {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

let known: Promise<AwsCli> | undefined;

/**
 * The AWS CLI. The first call of a process may download it; other processes that ask at the same time wait for that download.
 *
 * @throws {Error} none was found and none could be brought; the message says what to do
 */
export function awsCli(): Promise<AwsCli> {
  return known ??= find();
}

async function find(): Promise<AwsCli> {
  const { AWS_CLI, PATH = "" } = process.env;
  const given = AWS_CLI === undefined || AWS_CLI === "" ? [] : [AWS_CLI];
  const candidates = [...given, ...PATH.split(delimiter).map((folder) => join(folder, "aws"))];
  for (const file of candidates) {
    const found = { file, args: [], env: {} };
    if (await isUsable(found)) return found;
    if (file === AWS_CLI) throw new Error(`AWS_CLI is "${AWS_CLI}", which is no AWS CLI`);
  }
  await mkdir(cacheFolder(), { recursive: true });
  const cached = join(cacheFolder(), `awscli-${await suiteName()}`);
  return await withLock(`${cached}.lock`, async () => {
    if (!await isThere(cached)) await bring(cached);
    const found = await unpackedIn(cached);
    if (await isUsable(found)) return found;
    throw new Error(`The AWS CLI in ${cached} does not run: remove that folder, or set AWS_CLI to one that does`);
  });
}

/** True if this says that it is an AWS CLI. */
async function isUsable({ file, args, env }: AwsCli): Promise<boolean> {
  try {
    const { stdout, stderr } = await run(file, [...args, "--version"], {
      timeout: ANSWER_TIMEOUT_MS,
      env: { ...process.env, ...env },
    });
    return /^aws-cli\//.test(`${stdout}${stderr}`);
  } catch {
    return false; // not there, not a program, or not for this machine
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}

async function bring(cached: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "weft-awscli-"));
  try {
    const unpacked = await downloadPackages(["awscli"], folder);
    const beside = `${cached}.${process.pid}`; // the cache may be another file system than the temporary folder
    await cp(unpacked, beside, { recursive: true, verbatimSymlinks: true });
    await rename(beside, cached);
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : String(failure);
    throw new Error(
      `There is no AWS CLI here, and Debian's package awscli could not be brought (${why}). ` +
        "Install one (https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html), or set AWS_CLI to its path",
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Python's packages there, run by the Python of the system or, where it has none, by the one that came along. */
async function unpackedIn(folder: string): Promise<AwsCli> {
  const own = join(folder, "usr/bin/python3");
  return {
    file: await isThere(own) ? own : "/usr/bin/python3",
    args: [join(folder, "usr/bin/aws")],
    env: { PYTHONPATH: join(folder, "usr/lib/python3/dist-packages") },
  };
}
