/**
 * Goal: a test's path says what it tests and what it needs: `tests/{unit,process,system}/<folder of src, or actors>/…_test.ts`.
 *
 * | kind | may start |
 * |---|---|
 * | `unit` | nothing |
 * | `process` | processes |
 * | `system` | processes and a nats-server |
 *
 * Method: the import graph. What starts a process or finds a server is imported, by the test or by what supports it.
 */
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { testFiles, testKinds } from "../../scripts/test_files.ts";
import { importsOf } from "./import_graph.ts";
import { projectFiles } from "./project_files.ts";

/** Folders of tests that do not test one folder of the source. */
const acrossFolders = ["examples", "fuzz"];
const SERVER = "scripts/nats_server.ts";
const PROCESS = "node:child_process";

const files = await testFiles();
const imports = importsOf(files);
const importers = Map.groupBy(imports.filter(({ from }) => !isProduct(from)), ({ to }) => to);
const needServer = reachedFrom([SERVER]);
const needProcess = reachedFrom(
  imports.filter((it) => it.package === PROCESS).flatMap(({ from }) =>
    // What of the product starts a process does so when it is called: those who import it themselves do that.
    isProduct(from) ? (importers.get(from) ?? []).map((it) => it.from) : [from]
  ),
);

function isProduct(path: string): boolean {
  return /^(src|actors)\//.test(path);
}

/** These files, and those that import them by way of others that are no part of the product. */
function reachedFrom(start: readonly string[]): ReadonlySet<string> {
  const reached = new Set(start);
  for (const file of reached) for (const { from } of importers.get(file) ?? []) reached.add(from);
  return reached;
}

function none(findings: readonly string[], advice: string): void {
  ok(findings.length === 0, `${advice}:\n  ${findings.join("\n  ")}\n`);
}

function kindOf(path: string): string {
  return path.split("/")[1] ?? "";
}

test("every test is of a kind that is known", () => {
  none(
    files.filter((path) => !testKinds.some(({ folder }) => path.startsWith(folder))),
    "Put these below a folder that scripts/test_files.ts lists, or add the kind there and in docs/architecture.md",
  );
});

test("the test tree mirrors the source tree", () => {
  const folders = new Set(projectFiles().filter(isProduct).map((path) => path.slice(0, path.lastIndexOf("/"))));
  const findings = files.filter((path) => {
    const [, kind = "", row = ""] = path.split("/");
    if (!["unit", "process", "system"].includes(kind) || acrossFolders.includes(row)) return false;
    const tested = path.split("/").slice(2, -1).join("/");
    return !folders.has(tested.startsWith("actors") ? tested : `src/${tested}`);
  });
  none(findings, "No folder of src, nor actors, has this name: put the test where what it tests is");
});

test("tests under unit start no process, those under process no server", () => {
  none(
    files.filter((path) => needServer.has(path) && ["unit", "process", "simulation"].includes(kindOf(path))),
    "These need a nats-server: put them into tests/system",
  );
  none(
    files.filter((path) => needProcess.has(path) && ["unit", "simulation"].includes(kindOf(path))),
    "These start processes: put them into tests/process",
  );
});

test("tests under process and system need what their folder stands for", () => {
  none(
    files.filter((path) => kindOf(path) === "system" && !needServer.has(path)),
    "These need no nats-server: put them into tests/process or tests/unit",
  );
  none(
    files.filter((path) => kindOf(path) === "process" && !needProcess.has(path)),
    "These start no process: put them into tests/unit",
  );
});
