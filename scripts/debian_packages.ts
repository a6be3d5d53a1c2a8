/** Debian's packages without installing them: downloaded by `apt-get`, which checks their signatures, and unpacked into a folder. */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const DOWNLOAD_TIMEOUT_MS = 300_000;

/** The suite of this machine, such as `bookworm`: packages fit the one that they are of. */
export async function suiteName(): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const [, name = "unknown"] = /^VERSION_CODENAME=(\w+)$/m.exec(release) ?? [];
  return name;
}

/**
 * Downloads packages and what of their dependencies is not installed, and unpacks all.
 *
 * @param folder an empty one, for everything that is made meanwhile
 * @returns the folder below it that stands for `/`
 * @throws {Error} there is no `apt-get`, or it has no such package
 */
export async function downloadPackages(names: readonly string[], folder: string): Promise<string> {
  const lists = join(folder, "lists");
  const cache = join(folder, "cache");
  await mkdir(join(lists, "partial"), { recursive: true });
  await mkdir(join(cache, "archives", "partial"), { recursive: true });
  const places = { "Dir::State::lists": lists, "Dir::Cache": cache, "Debug::NoLocking": "1", "Acquire::Retries": "2" };
  const settings = Object.entries(places).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const options = { timeout: DOWNLOAD_TIMEOUT_MS, maxBuffer: 1 << 24 };
  await run("apt-get", ["-q", ...settings, "update"], options);
  const flags = ["-q", "-y", "--no-install-recommends", "--download-only", ...settings];
  await run("apt-get", [...flags, "install", ...names], options);
  const archives = (await readdir(join(cache, "archives"))).filter((name) => name.endsWith(".deb"));
  if (archives.length === 0) throw new Error("apt-get downloaded no package");
  const unpacked = join(folder, "unpacked");
  for (const archive of archives) await run("dpkg", ["-x", join(cache, "archives", archive), unpacked], options);
  return unpacked;
}
