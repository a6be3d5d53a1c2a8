import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Plugin } from "esbuild";
import { root } from "../test_run.ts";

/** Found where the user has installed them, or not at all: what is loaded on demand. */
const EXTERNAL = ["@aws-sdk/*"];

/** Drivers of other runtimes: `node:sqlite` is there on both of ours, so nobody needs to have them. */
const ABSENT = /^(bun:sqlite|better-sqlite3)$/;

/** Packages in CommonJS ask for `node:` modules this way; it works at any address, JSR's included. */
const REQUIRE = 'import{getBuiltinModule as require}from"node:process";';

/**
 * Bundles the entry points with everything that they import, packages included; what several need stands in files that they share.
 * Files beside a module (`new URL("./shapes.json", import.meta.url)`) go with it, in the same tree.
 *
 * @param entryPoints name of the file to make, without ending, and the module's path from the root
 */
export async function buildCode(entryPoints: Readonly<Record<string, string>>, folder: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { ...entryPoints },
    outdir: folder,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node22.19",
    chunkNames: "[name]-[hash]",
    external: EXTERNAL,
    banner: { js: REQUIRE },
    plugins: [moduleAddresses, absentDrivers],
    metafile: true,
    legalComments: "none",
    logLevel: "warning",
  });
  await writeFile(join(folder, "LICENSES.txt"), await licensesOf(Object.keys(metafile.inputs)));
  await copyFiles(folder);
}

/** What lies in `src/` and is read at run time, compressed; and the version, where `src/main.ts` looks for it. */
async function copyFiles(folder: string): Promise<void> {
  const paths = (await readdir(join(root, "src"), { recursive: true })).filter((path) =>
    /(\.json|\/built\/[^/]+)$/.test(path)
  );
  await Promise.all(paths.map(async (path) => {
    const [from, to] = [join(root, "src", path), join(folder, "src", path)];
    await mkdir(dirname(to), { recursive: true });
    await writeFile(`${to}.gz`, gzipSync(await readFile(from), { level: 9 }));
  }));
  const { name, version }: { readonly name: string; readonly version: string } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  await writeFile(join(folder, "package.json"), JSON.stringify({ name, version, type: "module" }));
}

/** `import.meta.url` stays what it was: the address of the source file, beside which its files are. */
const moduleAddresses: Plugin = {
  name: "module addresses",
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (path.includes("/node_modules/") || !text.includes("import.meta.url")) return undefined;
      const source = JSON.stringify(`./${relative(root, path)}`);
      return { contents: text.replaceAll("import.meta.url", `new URL(${source}, import.meta.url).href`), loader: "ts" };
    });
  },
};

/** Nothing, in the place of a module that is never asked for. */
const absentDrivers: Plugin = {
  name: "absent drivers",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: ABSENT }, ({ path }) => ({ path, namespace: "absent" }));
    onLoad({ filter: /.*/, namespace: "absent" }, () => ({ contents: "module.exports = {};" }));
  },
};

/** The licence of each bundled package, as its own file has it: the package travels with them, as they ask. */
async function licensesOf(inputs: readonly string[]): Promise<string> {
  const packages = new Set(inputs.map((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? ""));
  packages.delete("");
  const texts = [...packages].sort().map(async (path) => {
    const { name, version, license }: { readonly name: string; readonly version: string; readonly license?: string } =
      JSON
        .parse(await readFile(`${root}/${path}/package.json`, "utf8"));
    const file = (await readdir(`${root}/${path}`)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    const text = file === undefined ? `Licence: ${license}` : await readFile(`${root}/${path}/${file}`, "utf8");
    return { title: `${name} ${version}`, text: text.trim() };
  });
  const byText = Map.groupBy(await Promise.all(texts), ({ text }) => text);
  const parts = [...byText].map(([text, them]) => `${them.map(({ title }) => title).join("\n")}\n\n${text}\n`);
  return `Weft contains these packages, each under the licence below its name.\n\n${
    parts.join(`\n${"-".repeat(80)}\n\n`)
  }`;
}
