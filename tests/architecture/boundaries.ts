/**
 * Which folder may import what. The table of the architecture, from the innermost row to the outermost: a row imports rows
 * above it only, through their doors. Who changes a row's imports changes this table, and says why in the same commit.
 */

/** One row: a folder (or file) of the product and what it may import. */
export interface Row {
  /** A folder, or a file where it ends in `.ts`; the longest that fits a path is its row. */
  readonly folder: string;
  /** Other rows, by their folder. */
  readonly imports: readonly string[];
  /** Packages and `node:` modules; a `*` at the end stands for anything. */
  readonly packages: readonly string[];
  /** Only files directly in the folder: each folder below it is an adapter and has a row of its own. */
  readonly isFlat?: true;
}

const nats = "@nats-io/*";
const aboveRuntime = [
  "src/values",
  "src/language",
  "src/protocol",
  "actors",
  "src/log",
  "src/storage",
  "src/tasks",
  "src/cluster",
  "src/telemetry",
];
const adapters = [
  "src/log/memory",
  "src/log/sqlite",
  "src/log/jetstream",
  "src/storage/memory",
  "src/storage/keyv",
  "src/storage/jetstream",
  "src/tasks/handlers",
  "src/tasks/jetstream",
  "src/cluster/jetstream",
];
const surfaces = [
  "src/interfaces/nats_api",
  "src/interfaces/http_api",
  "src/interfaces/console",
  "src/interfaces/cli",
];
const access = "src/access";
const aws = "src/aws";
const integrations = "src/integrations";
const schedules = "src/schedules";
const triggers = "src/triggers";
const belowSurfaces = [
  "src/values",
  "src/language",
  "src/protocol",
  "src/nats",
  "src/telemetry",
  "src/runtime",
  "src/sdk",
];

/** From the innermost row to the outermost. */
export const rows: readonly Row[] = [
  { folder: "src/values", imports: [], packages: ["node:buffer", "node:crypto"] },
  // Runs in a browser too.
  { folder: "src/story", imports: [], packages: [] },
  {
    folder: "src/language",
    imports: ["src/values"],
    packages: ["effect", "jsonata", "re2js", "node:buffer", "node:crypto"],
  },
  {
    folder: "src/protocol",
    imports: ["src/values", "src/language"],
    packages: ["effect", "node:buffer", "node:crypto"],
  },
  { folder: "actors", imports: ["src/values", "src/language", "src/protocol"], packages: ["xstate", "effect"] },
  { folder: "src/nats", imports: ["src/values"], packages: ["effect", nats, "node:buffer", "node:fs/promises"] },
  { folder: "src/log", imports: ["src/values", "src/protocol"], packages: ["effect"], isFlat: true },
  { folder: "src/log/memory", imports: ["src/values", "src/protocol", "src/log"], packages: ["effect"] },
  {
    folder: "src/log/sqlite",
    imports: ["src/values", "src/protocol", "src/log"],
    packages: ["effect", "node:sqlite", "node:fs", "node:fs/promises", "node:path"],
  },
  {
    folder: "src/log/jetstream",
    imports: ["src/values", "src/protocol", "src/log", "src/nats"],
    packages: ["effect", nats],
  },
  { folder: "src/storage", imports: ["src/values", "src/protocol"], packages: ["effect"], isFlat: true },
  { folder: "src/storage/memory", imports: ["src/values", "src/protocol", "src/storage"], packages: ["effect"] },
  {
    folder: "src/storage/keyv",
    imports: ["src/values", "src/protocol", "src/storage"],
    packages: ["effect", "keyv", "@keyv/sqlite", "node:sqlite", "node:fs", "node:fs/promises", "node:path"],
  },
  {
    folder: "src/storage/jetstream",
    imports: ["src/values", "src/protocol", "src/storage", "src/nats"],
    packages: ["effect", nats],
  },
  { folder: "src/tasks", imports: ["src/values", "src/protocol"], packages: ["effect", "node:crypto"], isFlat: true },
  { folder: "src/tasks/handlers", imports: ["src/values", "src/protocol", "src/tasks"], packages: ["effect"] },
  {
    folder: "src/tasks/jetstream",
    imports: ["src/values", "src/protocol", "src/tasks", "src/nats"],
    packages: ["effect", nats],
  },
  { folder: "src/cluster", imports: ["src/values"], packages: ["effect", "node:crypto"], isFlat: true },
  {
    folder: "src/cluster/jetstream",
    imports: ["src/values", "src/cluster", "src/nats"],
    packages: ["effect", nats, "node:os", "node:buffer"],
  },
  { folder: "src/telemetry", imports: ["src/values", "src/story"], packages: ["effect", "effect/*", "node:*"] },
  { folder: "src/runtime", imports: aboveRuntime, packages: ["effect", "node:buffer", "node:crypto"] },
  {
    folder: "src/access",
    imports: ["src/values", "src/protocol", "src/storage"],
    packages: ["effect", "node:buffer", "node:crypto"],
  },
  {
    folder: "src/sdk",
    imports: ["src/values", "src/protocol", "src/tasks", "src/nats", "src/runtime"],
    packages: [nats, "node:crypto"],
  },
  {
    folder: aws,
    imports: ["src/values", "src/language", "src/protocol", "src/tasks", "src/runtime"],
    packages: ["effect", "node:crypto"],
  },
  {
    folder: integrations,
    imports: [...aboveRuntime, "src/nats", "src/runtime", aws],
    packages: [
      "effect",
      nats,
      "aws4fetch",
      "ipaddr.js",
      "@rgrove/parse-xml",
      "csv-parse",
      "hyparquet",
      "hyparquet-compressors",
      "stream-json",
      "stream-chain",
      "node:*",
    ],
  },
  {
    folder: schedules,
    imports: ["src/values", "src/protocol", "src/runtime", aws],
    packages: ["effect", "croner"],
  },
  {
    folder: triggers,
    imports: ["src/values", "src/language", "src/protocol", "src/runtime", aws],
    packages: ["effect", nats],
  },
  {
    folder: "src/interfaces/nats_api",
    imports: [...belowSurfaces, schedules, triggers],
    packages: ["effect", nats, "node:buffer"],
  },
  {
    folder: "src/interfaces/http_api",
    imports: [...belowSurfaces, access, aws, schedules],
    packages: ["effect", "node:*"],
  },
  {
    folder: "src/interfaces/console",
    imports: [...belowSurfaces, "src/story", access, aws, "src/interfaces/nats_api", "src/interfaces/http_api"],
    packages: ["effect", "node:*"],
  },
  // Runs in a browser: only types of what goes over the wire come from outside.
  {
    folder: "src/interfaces/console/app",
    imports: ["src/interfaces/console", "src/story"],
    packages: ["preact", "preact/*", "@preact/signals", "@dagrejs/dagre"],
  },
  {
    folder: "src/interfaces/cli",
    imports: [...belowSurfaces, "src/story", access, integrations],
    packages: ["effect", "commander", "@bomb.sh/tab", "get-east-asian-width", "yaml", nats, "node:*"],
  },
  {
    folder: "src/homes",
    imports: [
      ...aboveRuntime,
      ...adapters,
      "src/nats",
      "src/runtime",
      "src/sdk",
      access,
      aws,
      integrations,
      schedules,
      triggers,
      ...surfaces,
    ],
    packages: ["effect", nats, "node:*"],
  },
  {
    folder: "src/testing",
    imports: ["src/values", "src/language", "src/runtime", "src/sdk", "src/interfaces/http_api", "src/homes"],
    packages: ["effect"],
  },
  {
    folder: "src/package",
    imports: ["src/values", "src/language", "src/runtime", "src/sdk", "src/homes", "src/testing"],
    packages: [],
  },
  {
    folder: "src/main.ts",
    imports: [...belowSurfaces, ...surfaces, "src/homes"],
    packages: ["effect", "node:*"],
  },
];

/** Files in a row's folder that other rows may import. */
export const doors: readonly string[] = ["mod.ts", "port.ts", "engine.ts"];

/** Doors for `import type` alone: they say what a row hands out, and pull in nothing at run time. */
export const typeDoors: readonly string[] = ["types.ts", "contract.ts", "wire.ts"];

/** The row that a file belongs to. */
export function rowOf(path: string): Row | undefined {
  const fitting = rows.filter(({ folder }) => path === folder || path.startsWith(`${folder}/`));
  const row = fitting.toSorted((a, b) => b.folder.length - a.folder.length)[0];
  if (row?.isFlat !== true) return row;
  return path.slice(row.folder.length + 1).includes("/") ? undefined : row;
}
