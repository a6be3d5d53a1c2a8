import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { limitVariable } from "../../src/interfaces/cli/options/limit_options.ts";
import { limitNames } from "../../src/values/mod.ts";
import { projectFiles, textOf } from "./project_files.ts";

interface Manifest {
  readonly scripts: Record<string, string>;
  /** Of whoever installs the package: none, everything is in it (ADR 0023). */
  readonly dependencies?: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  /** A package's version, or the versions of what it depends on. */
  readonly overrides: Record<string, string | Record<string, string>>;
}

interface LockedPackage {
  readonly resolved?: string;
  readonly optionalDependencies?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

const manifest: Manifest = JSON.parse(textOf("package.json"));
const denoConfiguration: { tasks: Record<string, string> } = JSON.parse(textOf("deno.json"));
const lock: { packages: Record<string, LockedPackage> } = JSON.parse(textOf("package-lock.json"));
const exact = /^(npm:[@\w/.-]+@)?\d+\.\d+\.\d+(-[\w.-]+)?$/;

function none(findings: readonly string[], advice: string): void {
  ok(findings.length === 0, `${advice}:\n  ${findings.join("\n  ")}\n`);
}

test("npm run and deno task know the same names", () => {
  deepStrictEqual(
    Object.keys(manifest.scripts),
    Object.keys(denoConfiguration.tasks),
    "Name each script in package.json and in deno.json",
  );
});

test("the package depends on nothing", () => {
  none(
    Object.keys(manifest.dependencies ?? {}),
    "What the product imports is bundled (ADR 0023): npm install --save-dev --save-exact these instead",
  );
});

test("every third-party version is exact", () => {
  const overrides = Object.entries(manifest.overrides).flatMap(([name, version]) =>
    typeof version === "string" ? [[name, version] as const] : Object.entries(version)
  );
  const versions = [
    ...Object.entries(manifest.devDependencies),
    ...overrides,
  ];
  const findings = versions.filter(([, version]) => !exact.test(version)).map(([name, version]) =>
    `${name} "${version}"`
  );
  none(findings, "Pin these: npm install --save-exact NAME@VERSION");
});

test("the lock file fits package.json, on every platform and from any registry", () => {
  const locked = lock.packages[""];
  deepStrictEqual(
    locked?.dependencies,
    manifest.dependencies,
    "Run npm install and commit package-lock.json with package.json",
  );
  deepStrictEqual(
    locked?.devDependencies,
    manifest.devDependencies,
    "Run npm install and commit package-lock.json with package.json",
  );
  const wanted = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies)
  );
  const missing = wanted.filter((name) =>
    !Object.keys(lock.packages).some((path) => path.endsWith(`node_modules/${name}`))
  );
  none(
    missing,
    "npm ci fails without these in package-lock.json; remove it together with node_modules and run npm install",
  );
  const elsewhere = Object.entries(lock.packages).filter(([, { resolved }]) =>
    resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/")
  );
  none(
    elsewhere.map(([path]) => path),
    "Lock these without the address of a registry: npm config set omit-lockfile-registry-resolved true",
  );
});

test("Node, Deno and nats-server have one version everywhere", () => {
  const releaseVersion = /RELEASE_VERSION = "([\d.]+)"/.exec(textOf("scripts/nats_server.ts"))?.[1];
  const versions: Record<string, string | undefined> = {
    node: manifest.devDependencies.node,
    deno: manifest.devDependencies.deno,
    nats: releaseVersion,
  };
  const places = projectFiles().filter((path) =>
    /^(Dockerfile|compose\.yaml|README\.md|\.ci\/run|docs\/(?!adr\/).*\.md|scripts\/.*)$/.test(path)
  );
  const findings = places.flatMap((path) =>
    [...textOf(path).matchAll(/\b(node|deno|nats)(?:-server)?[:@ ]v?(\d+\.\d+\.\d+)/gi)]
      .filter(([, name = "", version]) => versions[name.toLowerCase()] !== version)
      .map(([text]) => `${path} says ${text}`)
  );
  none(findings, `Write ${JSON.stringify(versions)}, or change package.json and scripts/nats_server.ts as well`);
  for (
    const [path, image] of [["Dockerfile", `node:${versions.node}`], ["Dockerfile", `deno:${versions.deno}`], [
      "compose.yaml",
      `nats:${versions.nats}`,
    ]]
  ) {
    ok(textOf(path ?? "").includes(image ?? ""), `${path} should be built on ${image}`);
  }
});

test("the container may read every setting that the product reads", () => {
  const allowed = /--allow-env=(\S+)/.exec(textOf("Dockerfile"))?.[1]?.split(",") ?? [];
  const product = projectFiles().filter((path) => /^src\/.*\.ts$/.test(path));
  const read = product.flatMap((path) =>
    [...textOf(path).matchAll(/\benv(?:\["|\.)([A-Z][A-Z_]+)/g)].map(([, name = ""]) => name)
  );
  none([...new Set(read)].filter((name) => !allowed.includes(name)), "Add these to --allow-env in the Dockerfile");
  const limits = limitNames.map(limitVariable).filter((name) => !/^WEFT_LIMIT_/.test(name));
  none(allowed.includes("WEFT_LIMIT_*") ? limits : limitNames.map(limitVariable), "Add WEFT_LIMIT_* there too");
});
