/** Finds a Node of another version than the project's own, or brings it: from npm's package of it, into the cache folder only. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, withLock } from "./tool_cache.ts";

/** Path of this version's `node`, such as `22.19.0`. @throws {Error} it could not be brought */
export async function nodePath(version: string): Promise<string> {
  const folder = join(cacheFolder(), `node-${version}`);
  const name = `node-${platform()}-${arch()}`;
  const path = join(folder, "node_modules", name, "bin", "node");
  if (existsSync(path)) return path;
  await mkdir(cacheFolder(), { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(path)) return;
    const made = await mkdtemp(`${folder}-`);
    await writeFile(join(made, "package.json"), "{}");
    const args = ["install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", `${name}@${version}`];
    await promisify(execFile)("npm", args, { cwd: made });
    await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
  });
  return path;
}
