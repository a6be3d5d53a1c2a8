/**
 * Goal: the files of docs/deployment.md are taken by what they are for.
 * Method: manifests are compiled against the types of Kubernetes' API, so that a field that is missing, misspelt or of another type does not pass;
 * what names another part (labels, ports, volumes) is followed; systemd verifies its unit where it is there.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { programPath, root } from "../../../scripts/test_run.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../src/values/mod.ts";

const FOLDER = join(root, "examples", "deployment");
const run = promisify(execFile);
const hasSystemd = await run("systemd-analyze", ["--version"]).then(() => true, () => false);

/** Where the types of a manifest's kind are. */
const modules: Readonly<Record<string, string>> = {
  ConfigMap: "core/v1",
  Service: "core/v1",
  StatefulSet: "apps/v1",
  PodDisruptionBudget: "policy/v1",
};

async function manifestsOf(file: string): Promise<readonly JsonObject[]> {
  const text = await readFile(join(FOLDER, "kubernetes", file), "utf8");
  return parseAllDocuments(text).map((document) => {
    strictEqual(document.errors.length, 0, String(document.errors[0]));
    const manifest: Json = document.toJS();
    ok(isJsonObject(manifest), `Expected an object in ${file}`);
    return manifest;
  });
}

/** What the compiler says of the manifests. */
async function compiled(manifests: readonly JsonObject[]): Promise<string> {
  const lines = manifests.map((manifest, index) => {
    const kind = String(manifest["kind"]);
    const type = `import("kubernetes-types/${modules[kind]}").${kind}`;
    return `export const m${index}: ${type} & { apiVersion: string; kind: string } = ${
      JSON.stringify(manifest, undefined, 1)
    };`;
  });
  const folder = await mkdtemp(join(root, ".cache", "manifests-"));
  try {
    await writeFile(join(folder, "manifests.ts"), `${lines.join("\n")}\n`);
    const flags = [
      "--noEmit",
      "--strict",
      "--module",
      "esnext",
      "--moduleResolution",
      "bundler",
      "--skipLibCheck",
      "--ignoreConfig",
    ];
    await run(programPath("tsc"), [...flags, join(folder, "manifests.ts")], { cwd: root });
    return "";
  } catch (failure) {
    return failure instanceof Error && "stdout" in failure ? String(failure.stdout) : String(failure);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("Kubernetes' API takes the manifests, and would not take one with a field misspelt", async () => {
  const manifests = [...await manifestsOf("nats.yaml"), ...await manifestsOf("weft.yaml")];
  deepStrictEqual(manifests.map(({ kind }) => kind), [
    "ConfigMap",
    "Service",
    "StatefulSet",
    "Service",
    "Service",
    "PodDisruptionBudget",
    "StatefulSet",
  ]);
  strictEqual(await compiled(manifests), "");
  const wrong: JsonObject[] = JSON.parse(JSON.stringify(manifests).replace("readinessProbe", "readynessProbe"));
  match(await compiled(wrong), /readynessProbe/);
});

test("what the manifests name is there: labels, services, volumes, the port of the API", async () => {
  for (const [file, name] of [["nats.yaml", "nats"], ["weft.yaml", "weft"]] as const) {
    const manifests = await manifestsOf(file);
    const text = JSON.stringify(manifests);
    const [set] = manifests.filter(({ kind }) => kind === "StatefulSet");
    const { serviceName, selector, template } = JSON.parse(JSON.stringify(set)).spec;
    deepStrictEqual(selector.matchLabels, template.metadata.labels);
    const services = manifests.filter(({ kind }) => kind === "Service").map((one) => JSON.parse(JSON.stringify(one)));
    ok(services.some(({ metadata, spec }) => metadata.name === serviceName && spec.clusterIP === "None"), file);
    for (const { spec } of services) {
      deepStrictEqual(spec.selector, { app: name });
      for (const { port } of spec.ports) ok(text.includes(`"containerPort":${port}`), `${file}: ${port}`);
    }
  }
});

test("systemd takes the unit", { skip: hasSystemd ? false : "there is no systemd-analyze" }, async () => {
  const { stderr } = await run("systemd-analyze", ["verify", join(FOLDER, "weft.service")]);
  ok(!stderr.includes("weft.service:"), stderr);
});
