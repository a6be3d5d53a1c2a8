/**
 * Finds a nats-server that is new enough, or brings one, and prints its path.
 *
 * Older servers than 2.12 take the newer stream settings without a word and do not keep to them, so a distribution's own
 * package may not do. Looked for in this order: `$NATS_SERVER`, `PATH`, the cache, the official release, Debian's package.
 * Nothing is installed: what is brought goes into the cache folder only.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { arch, platform, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, withLock } from "./tool_cache.ts";

const run = promisify(execFile);
const RELEASE_VERSION = "2.15.1";
const MINOR_MIN = 12;
const RELEASE_URL = `https://github.com/nats-io/nats-server/releases/download/v${RELEASE_VERSION}`;
const DEBIAN_MIRROR = "http://deb.debian.org/debian";
const DEBIAN_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const CONNECT_TIMEOUT_MS = 10_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;

let known: Promise<string> | undefined;

/**
 * Path of a nats-server, version 2.12 or later. The first call of a process may download it; other processes that ask at the
 * same time wait for that download.
 *
 * @throws {Error} none was found and none could be brought; the message says what was tried and what to do
 */
export function natsServerPath(): Promise<string> {
  return known ??= find();
}

async function find(): Promise<string> {
  const { NATS_SERVER, PATH = "" } = process.env;
  if (NATS_SERVER !== undefined && NATS_SERVER !== "") {
    if (await isUsable(NATS_SERVER)) return NATS_SERVER;
    throw new Error(`NATS_SERVER is "${NATS_SERVER}", which is no nats-server of version 2.${MINOR_MIN} or later`);
  }
  const cached = join(cacheFolder(), `nats-server-${RELEASE_VERSION}`);
  const candidates = [...PATH.split(delimiter).map((folder) => join(folder, "nats-server")), cached];
  for (const candidate of candidates) if (await isUsable(candidate)) return candidate;
  await mkdir(cacheFolder(), { recursive: true });
  return await withLock(`${cached}.lock`, async () => (await isUsable(cached)) ? cached : await bring(cached));
}

/** True if `path` is a program that says it is nats-server 2.12 or later. */
async function isUsable(path: string): Promise<boolean> {
  try {
    const { stdout } = await run(path, ["--version"], { timeout: CONNECT_TIMEOUT_MS });
    const [, major, minor] = /v(\d+)\.(\d+)\./.exec(stdout) ?? [];
    return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= MINOR_MIN);
  } catch {
    return false; // not there, not a program, or not for this machine
  }
}

/** Tries each source in turn; what it brings is checked, then moved into the cache in one step. */
async function bring(cached: string): Promise<string> {
  const refused: string[] = [];
  for (const [source, fetchInto] of [["release", bringRelease], ["Debian", bringDebian]] as const) {
    const folder = await mkdtemp(join(tmpdir(), "weft-nats-server-"));
    try {
      const binary = await fetchInto(folder);
      await chmod(binary, 0o755);
      if (!await isUsable(binary)) throw new Error(`it brought no nats-server of version 2.${MINOR_MIN} or later`);
      const beside = `${cached}.${process.pid}`; // the cache may be another file system than the temporary folder
      await copyFile(binary, beside);
      await rename(beside, cached);
      return cached;
    } catch (failure) {
      refused.push(`  ${source}: ${failure instanceof Error ? failure.message.trim() : String(failure)}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new Error([
    `No nats-server of version 2.${MINOR_MIN} or later was found, and none could be brought:`,
    ...refused,
    `Install one (https://docs.nats.io/running-a-nats-service/introduction/installation) or set NATS_SERVER to its path.`,
  ].join("\n"));
}

/** The official archive, checked against the release's list of SHA-256 sums. */
async function bringRelease(folder: string): Promise<string> {
  const system = platform();
  const processor = { x64: "amd64", arm64: "arm64" }[arch() as string];
  if ((system !== "linux" && system !== "darwin") || processor === undefined) {
    throw new Error(`there is no archive for ${system} ${arch()}`);
  }
  const name = `nats-server-v${RELEASE_VERSION}-${system}-${processor}`;
  const sums = new TextDecoder().decode(await download(`${RELEASE_URL}/SHA256SUMS`, CONNECT_TIMEOUT_MS));
  const sum = sums.split("\n").map((line) => line.trim().split(/\s+\*?/)).find(([, file]) => file === `${name}.tar.gz`)
    ?.[0];
  if (sum === undefined) throw new Error(`its SHA256SUMS does not name ${name}.tar.gz`);
  const archive = await download(`${RELEASE_URL}/${name}.tar.gz`, DOWNLOAD_TIMEOUT_MS);
  if (createHash("sha256").update(archive).digest("hex") !== sum) {
    throw new Error(`${name}.tar.gz has another SHA-256 sum`);
  }
  await writeFile(join(folder, "archive.tar.gz"), archive);
  await run("tar", ["-xzf", "archive.tar.gz"], { cwd: folder });
  return join(folder, name, "nats-server");
}

async function download(url: string, timeoutMs: number): Promise<Uint8Array> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) }).catch((failure) => {
    throw new Error(`${url} could not be fetched: ${failure?.cause?.message ?? failure}`);
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/**
 * The package of Debian's unstable suite, unpacked and not installed. `apt-get` checks the signatures, with lists, cache and
 * sources of its own in `folder`: of the machine's settings only the proxies are taken over.
 */
async function bringDebian(folder: string): Promise<string> {
  const { stdout: machine } = await run("apt-config", ["dump", "Acquire"]);
  const settings = [
    ...machine.split("\n").filter((line) => /^Acquire::https?(::| )/.test(line)),
    ...["Dir::Etc::parts", "Dir::Etc::sourceparts", "Dir::Etc::preferencesparts"].map((name) =>
      `${name} "${folder}/none";`
    ),
    ...["Dir::Etc::main", "Dir::Etc::preferences"].map((name) => `${name} "${folder}/none.conf";`),
    `Dir::Etc::sourcelist "${folder}/sources.list";`,
    `Dir::State "${folder}/state";`,
    `Dir::State::status "${folder}/status";`,
    `Dir::Cache "${folder}/cache";`,
    `Acquire::Languages "none";`,
    `Acquire::Retries "2";`,
    `Acquire::Check-Valid-Until "false";`, // a mirror that was frozen is signed all the same
    `APT::Get::AllowUnauthenticated "false";`,
  ];
  for (const name of ["none", "state/lists/partial", "cache/archives/partial"]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await writeFile(join(folder, "status"), "");
  await writeFile(join(folder, "apt.conf"), settings.join("\n") + "\n");
  await writeFile(join(folder, "sources.list"), `deb [signed-by=${DEBIAN_KEYRING}] ${DEBIAN_MIRROR} sid main\n`);
  const options = {
    cwd: folder,
    env: { ...process.env, APT_CONFIG: join(folder, "apt.conf") },
    timeout: DOWNLOAD_TIMEOUT_MS,
  };
  await run("apt-get", ["-q", "update"], options);
  await run("apt-get", ["-q", "download", "nats-server"], options);
  const archive = (await readdir(folder)).find((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new Error("apt-get downloaded no package");
  await run("dpkg", ["-x", archive, "unpacked"], options);
  return join(folder, "unpacked/usr/sbin/nats-server");
}

if (import.meta.main) {
  try {
    process.stdout.write(`${await natsServerPath()}\n`);
  } catch (failure) {
    process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`);
    process.exitCode = 1;
  }
}
