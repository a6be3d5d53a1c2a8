import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { doors, type Row, rowOf, rows, typeDoors } from "./boundaries.ts";
import { type Import, importsOf } from "./import_graph.ts";
import { projectFiles } from "./project_files.ts";

const productFiles = projectFiles().filter((path) => /^(src|actors)\/.*\.ts$/.test(path));
const imports = importsOf(productFiles).filter(({ from }) => productFiles.includes(from));

function listed(findings: readonly string[], advice: string): string {
  return `${advice}:\n  ${findings.join("\n  ")}\n`;
}

function none(findings: readonly string[], advice: string): void {
  ok(findings.length === 0, listed(findings, advice));
}

test("every file of the product belongs to a row of the table", () => {
  none(
    productFiles.filter((path) => rowOf(path) === undefined),
    "Put these where they belong, or add their folder to tests/architecture/boundaries.ts with an ADR that says why",
  );
});

test("the table's arrows point down: a row imports rows above it only", () => {
  const findings = rows.flatMap((row, index) =>
    row.imports
      .filter((wanted) =>
        rows.findIndex(({ folder }) => folder === wanted) >= index || !rows.some(({ folder }) => folder === wanted)
      )
      .map((wanted) => `${row.folder} → ${wanted}`)
  );
  none(findings, "Rows may import rows above them in tests/architecture/boundaries.ts; these are below, or no rows");
});

test("imports between rows are listed in the table", () => {
  const findings = imports.filter((it) => {
    const [from, to] = [rowOf(it.from), it.to === undefined ? undefined : rowOf(it.to)];
    return from !== undefined && to !== undefined && from !== to && !from.imports.includes(to.folder);
  });
  none(
    findings.map(place),
    "Take what you need as a parameter or through a port, or move the shared part to a row above both",
  );
});

test("imports between rows go through the row's door", () => {
  const findings = imports.filter((it) => {
    const to = it.to === undefined ? undefined : rowOf(it.to);
    if (to === undefined || it.to === undefined || to === rowOf(it.from) || to.folder === it.to) return false;
    return !isDoor(it, it.to, to);
  });
  none(
    findings.map(place),
    `Import from the row's ${doors.join(" or ")} (types also from ${
      typeDoors.join(", ")
    }), and export there what is missing`,
  );
});

test("the product imports nothing but itself and packages", () => {
  const findings = imports.filter(({ to }) => to !== undefined && !/^(src|actors)\//.test(to));
  none(findings.map(place), "Tests, scripts and examples use the product, never the other way round");
});

test("packages are used where the table lists them", () => {
  const findings = imports.filter((it) => {
    const row = rowOf(it.from);
    return it.package !== undefined && row !== undefined &&
      !row.packages.some((listed) => matches(it.package ?? "", listed));
  });
  none(findings.map(place), "Keep drivers in adapters and the shell's libraries in the shell: hide this behind a port");
});

test("no file imports itself by way of others", () => {
  deepStrictEqual(
    cyclesOf(imports),
    [],
    "Move what both need into a file of its own, or hand the function over as a parameter",
  );
});

function isDoor(it: Import, to: string, row: Row): boolean {
  const file = to.slice(row.folder.length + 1);
  const isOwnAdapter = it.from.startsWith(`${row.folder}/`);
  const isActor = row.folder === "actors" && /^[a-z_]+\/mod\.ts$/.test(file);
  return doors.includes(file) || isOwnAdapter || isActor || (it.isTypeOnly && typeDoors.includes(file));
}

function matches(name: string, listed: string): boolean {
  return listed.endsWith("*") ? name.startsWith(listed.slice(0, -1)) : name === listed;
}

function place(it: Import): string {
  return `${it.from}:${it.line} imports "${it.specifier}"`;
}

/** One text a cycle, such as `a.ts → b.ts → a.ts`. Imports of types alone do not count: at run time they are not there. */
function cyclesOf(all: readonly Import[]): readonly string[] {
  const targets = Map.groupBy(all.filter(({ to, isTypeOnly }) => to !== undefined && !isTypeOnly), ({ from }) => from);
  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
    if (trail.includes(file) || finished.has(file)) return;
    for (const { to } of targets.get(file) ?? []) if (to !== undefined) visit(to, [...trail, file]);
    finished.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return cycles;
}
