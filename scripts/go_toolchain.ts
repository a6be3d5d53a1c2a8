/**
 * Brings Go with a NATS client, as Debian has both, into the cache: 85 MB to download. Nothing is installed, and what this machine has of Go is left alone: its
 * modules would want a network of their own.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { downloadPackages, suiteName } from "./debian_packages.ts";
import { cacheFolder, withLock } from "./tool_cache.ts";

const run = promisify(execFile);
const BUILD_TIMEOUT_MS = 120_000;

/**
 * Builds a Go program of one file, which may import `github.com/nats-io/nats.go` and the standard library.
 *
 * @throws {Error} Debian's packages could not be brought, or it does not compile
 */
export async function buildGo(source: string, program: string): Promise<void> {
  const folder = await toolchain();
  // What Debian has installed already is not brought.
  const libraries = await readdir(join(folder, "usr", "lib")).catch(() => []);
  const version = libraries.find((name) => /^go-[\d.]+$/.test(name));
  const goRoot = version === undefined ? "/usr/lib/go" : join(folder, "usr", "lib", version);
  await run(join(goRoot, "bin", "go"), ["build", "-o", program, source], {
    timeout: BUILD_TIMEOUT_MS,
    env: {
      PATH: process.env["PATH"],
      GOROOT: goRoot,
      GOPATH: [join(folder, "usr", "share", "gocode"), "/usr/share/gocode"].join(delimiter),
      GO111MODULE: "off",
      GOCACHE: join(cacheFolder(), "go-build"),
      CGO_ENABLED: "0",
    },
  });
}

async function toolchain(): Promise<string> {
  await mkdir(cacheFolder(), { recursive: true });
  const cached = join(cacheFolder(), `go-${await suiteName()}`);
  return await withLock(`${cached}.lock`, async () => {
    if (!await stat(cached).then(() => true, () => false)) await bring(cached);
    return cached;
  });
}

async function bring(cached: string): Promise<void> {
  const folder = await mkdtemp(`${cached}-`); // beside it, so that nothing has to be copied
  try {
    await rename(await downloadPackages(["golang-go", "golang-github-nats-io-go-nats-dev"], folder), cached);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
