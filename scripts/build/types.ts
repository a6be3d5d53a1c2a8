import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { existsSync } from "node:fs";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { programPath, root } from "../test_run.ts";

/** Whose types stand in ours, so that nobody has to install them: the file that declares each module. */
const INCLUDED: Readonly<Record<string, string>> = {
  "@nats-io/transport-node": "node_modules/@nats-io/transport-node/lib/mod.d.ts",
  "@nats-io/nats-core": "node_modules/@nats-io/nats-core/lib/mod.d.ts",
  "@nats-io/nats-core/internal": "node_modules/@nats-io/nats-core/lib/internal_mod.d.ts",
};

/** What `await using` needs, which not every compiler's default has. */
const LIBRARIES = '/// <reference lib="esnext.disposable" />';

/**
 * Writes a `.d.ts` for each entry point, with what it needs of others and nothing else: they import no package.
 *
 * @throws {Error} an entry point hands out a type that is a package's
 */
export async function buildTypes(entryPoints: Readonly<Record<string, string>>, folder: string): Promise<void> {
  await mkdir(join(root, ".cache"), { recursive: true });
  const declarations = await mkdtemp(join(root, ".cache", "types-"));
  try {
    await declare(Object.values(entryPoints), declarations);
    const bundle = await rollup({
      input: Object.fromEntries(
        Object.entries(entryPoints).map(([name, path]) => [name, declarationOf(join(declarations, path))]),
      ),
      treeshake: { moduleSideEffects: false },
      plugins: [declarationFiles, dts({ includeExternal: Object.keys(INCLUDED) })],
      onwarn: () => {}, // of what is not used in the end; the rest is found below
    });
    const { output } = await bundle.write({ dir: folder, format: "es", banner: LIBRARIES });
    const outside = output.flatMap((file) => file.type === "chunk" ? [...file.imports, ...file.dynamicImports] : [])
      .filter((path) => !path.startsWith("node:") && !output.some(({ fileName }) => fileName === path));
    if (outside.length > 0) {
      throw new Error(`Expected the package's types to stand by themselves, but they import ${outside.join(", ")}`);
    }
  } finally {
    await rm(declarations, { recursive: true, force: true });
  }
}

/** The compiler's declarations of these files and of all that they import. Some that no entry point shows cannot be written; they are missing. */
async function declare(files: readonly string[], folder: string): Promise<void> {
  const configuration = join(folder, "tsconfig.json");
  await writeFile(
    configuration,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        rootDir: root,
        outDir: folder,
        allowImportingTsExtensions: false,
        rewriteRelativeImportExtensions: true,
      },
      include: [],
      files: files.map((path) => join(root, path)),
    }),
  );
  await promisify(execFile)(programPath("tsc"), ["-p", configuration], { cwd: root }).catch(() => {});
}

const declarationOf = (path: string): string => path.replace(/\.(ts|js)$/, ".d.ts");

const declarationFiles = {
  name: "declaration files",
  resolveId(id: string, importer: string | undefined) {
    const included = INCLUDED[id];
    if (included !== undefined) return join(root, included);
    if (importer === undefined || !id.startsWith(".") || importer.includes("node_modules")) return null;
    const path = declarationOf(resolve(dirname(importer), id));
    return existsSync(path) ? path : { id: `missing:${id}`, external: true };
  },
};
