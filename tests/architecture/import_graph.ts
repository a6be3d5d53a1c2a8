/** Who imports whom, as Deno resolves it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { programPath, root } from "./project_files.ts";

/** One import or re-export. */
export interface Import {
  /** The importing file, from the root. */
  readonly from: string;
  /** 1-based. */
  readonly line: number;
  /** As written. */
  readonly specifier: string;
  /** The imported file, from the root; absent for packages and `node:` modules. */
  readonly to?: string;
  /** `effect`, `@nats-io/jetstream`, `node:fs` …; absent for files. */
  readonly package?: string;
  /** `import type`: gone at run time. */
  readonly isTypeOnly: boolean;
}

interface Resolution {
  readonly specifier?: string;
  readonly error?: string;
  readonly span: { readonly start: { readonly line: number } };
}

interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly code?: Resolution;
      readonly type?: Resolution;
    }[];
  }[];
}

/** All imports made by these files and by the project's files that they reach. @throws {Error} one cannot be resolved or parsed */
export function importsOf(files: readonly string[]): readonly Import[] {
  const base = pathToFileURL(root).href;
  const imports: Import[] = [];
  for (const module of moduleInfo(files.map((file) => base + file)).modules) {
    if (!module.specifier.startsWith(base) || module.specifier.includes("/node_modules/")) continue;
    const from = module.specifier.slice(base.length);
    if (module.error !== undefined) throw new Error(`Cannot read "${from}": ${module.error}`);
    for (const { specifier, code, type } of module.dependencies ?? []) {
      const resolution = code ?? type;
      if (resolution?.error !== undefined) {
        throw new Error(`Cannot resolve "${specifier}" in ${from}: ${resolution.error}`);
      }
      const target = resolution?.specifier ?? "";
      const isFile = target.startsWith(base) && !target.includes("/node_modules/");
      imports.push({
        from,
        line: (resolution?.span.start.line ?? 0) + 1,
        specifier,
        isTypeOnly: code === undefined,
        ...(isFile ? { to: target.slice(base.length) } : { package: packageOf(specifier) }),
      });
    }
  }
  return imports;
}

function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function moduleInfo(urls: readonly string[]): Info {
  const folder = mkdtempSync(join(tmpdir(), "weft-imports-"));
  try {
    const entry = join(folder, "entry.ts");
    writeFileSync(entry, urls.map((url) => `import ${JSON.stringify(url)};\n`).join(""));
    const args = ["info", "--json", "--no-remote", "--config", `${root}deno.json`, entry];
    return JSON.parse(execFileSync(programPath("deno"), args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
