import { readdir } from "node:fs/promises";
import { importsOf } from "../tests/architecture/import_graph.ts";
import { root } from "./test_run.ts";

/** Test files below `tests/`, from the root, in order; only those whose path begins with one of `prefixes`, if there are any. */
export async function testFiles(prefixes: readonly string[] = []): Promise<readonly string[]> {
  const entries = await readdir(`${root}/tests`, { recursive: true });
  const files = entries.map((entry) => `tests/${entry.replaceAll("\\", "/")}`).filter((file) =>
    file.endsWith("_test.ts")
  );
  const wanted = prefixes.length === 0
    ? files
    : files.filter((file) => prefixes.some((prefix) => file.startsWith(prefix)));
  return wanted.toSorted();
}

/** Those of `files` that import what starts or finds a nats-server, themselves or by way of others. */
export function needServer(files: readonly string[]): ReadonlySet<string> {
  const importers = Map.groupBy(importsOf(files), ({ to }) => to);
  const reached = new Set(["scripts/nats_server.ts"]);
  for (const file of reached) for (const { from } of importers.get(file) ?? []) reached.add(from);
  return reached;
}
