import { readdir } from "node:fs/promises";
import { root } from "./test_run.ts";

/** One kind of tests: where they are, and what they need. */
export interface TestKind {
  /** With `/` at its end. */
  readonly folder: string;
  /** Only with a nats-server; the others run in `npm run ok` too. */
  readonly needsServer: boolean;
  /** No I/O at all: Deno runs them without any permission, which proves it. */
  readonly isPure: boolean;
  /** A browser is driven, which is not done better by two runtimes: Node alone runs these. */
  readonly needsBrowser?: true;
}

/** All kinds; the first whose folder a file is in is its kind. `tests/architecture/test_tree_test.ts` holds that they are what they say. */
export const testKinds: readonly TestKind[] = [
  ...["values", "language", "protocol", "actors"].map((row) => ({
    folder: `tests/unit/${row}/`,
    needsServer: false,
    isPure: true,
  })),
  { folder: "tests/unit/", needsServer: false, isPure: false },
  { folder: "tests/process/", needsServer: false, isPure: false },
  { folder: "tests/system/", needsServer: true, isPure: false },
  { folder: "tests/browser/", needsServer: true, isPure: false, needsBrowser: true },
  { folder: "tests/simulation/", needsServer: false, isPure: false },
  { folder: "tests/faults/checks/", needsServer: false, isPure: false },
  { folder: "tests/faults/", needsServer: true, isPure: false },
  { folder: "tests/replay/", needsServer: false, isPure: false },
  { folder: "tests/architecture/", needsServer: false, isPure: false },
];

/** What a test file needs, by its path. @throws {Error} it is in none of the folders */
export function testKindOf(file: string): TestKind {
  const kind = testKinds.find(({ folder }) => file.startsWith(folder));
  if (kind === undefined) throw new Error(`Expected "${file}" to be in one of the folders of scripts/test_files.ts`);
  return kind;
}

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
