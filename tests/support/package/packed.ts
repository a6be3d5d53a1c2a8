/** The package as `npm pack` makes it, and a registry on the loopback interface that has it and nothing else. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { root } from "../../../scripts/test_run.ts";
import { withLock } from "../../../scripts/tool_cache.ts";

const run = promisify(execFile);

/** What `npm pack --json` says. */
export interface Packed {
  readonly tarball: string;
  readonly name: string;
  readonly version: string;
  readonly unpackedSize: number;
  /** From the package's own folder. */
  readonly files: readonly string[];
}

/** One at a time does something with `dist/`, which each build makes anew. */
export async function withDist<T>(work: () => Promise<T>): Promise<T> {
  await mkdir(join(root, ".cache"), { recursive: true });
  return await withLock(join(root, ".cache", "dist.lock"), work);
}

/** Builds the package into a folder. */
export async function pack(folder: string): Promise<Packed> {
  const args = ["pack", "--json", "--loglevel=error", "--pack-destination", folder];
  const { stdout } = await withDist(() => run("npm", args, { cwd: root }));
  // What the build says comes before it.
  const told: unknown = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)));
  const [packed] = Object.values(
    told as Record<string, {
      readonly filename: string;
      readonly name: string;
      readonly version: string;
      readonly unpackedSize: number;
      readonly files: readonly { readonly path: string }[];
    }>,
  );
  if (packed === undefined) throw new Error(`Expected npm pack to tell of a package, but it said ${stdout}`);
  const { filename, name, version, unpackedSize, files } = packed;
  return { tarball: join(folder, filename), name, version, unpackedSize, files: files.map(({ path }) => path) };
}

/** A registry that has this package alone. */
export async function startRegistry({ tarball, name, version }: Packed) {
  const bytes = await readFile(tarball);
  const manifest: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const server = createServer((request, response) => {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const path = decodeURIComponent(request.url ?? "");
    if (path === `/${name}.tgz`) return void response.end(bytes);
    if (path !== `/${name}`) return void response.writeHead(404).end("{}");
    const dist = {
      tarball: `${address}/${name}.tgz`,
      integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
    };
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({
        name,
        "dist-tags": { latest: version },
        versions: { [version]: { ...(manifest as object), devDependencies: undefined, scripts: undefined, dist } },
      }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** A folder of its own outside of the project, with these files. */
export async function makeFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "weft-package-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** What a program said and how it ended. */
export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 120_000;

/** Runs a program in a folder, with no variable of npm's or of ours but these. */
export async function runIn(
  folder: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|DENO_|WEFT_|INIT_CWD)/i.test(name));
  const options = { cwd: folder, env: { ...Object.fromEntries(own), NO_COLOR: "1", ...env }, timeout: TIMEOUT_MS };
  try {
    return { status: 0, ...await run(program, args, options) };
  } catch (failure) {
    const { code, stdout = "", stderr = String(failure) } = failure as Partial<Said> & { readonly code?: unknown };
    return { status: typeof code === "number" ? code : -1, stdout, stderr };
  }
}

/** Removes folders that {@link makeFolder} made. */
export async function removeFolders(folders: readonly string[]): Promise<void> {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
}
