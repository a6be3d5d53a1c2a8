/** What the package is entered by: the name of the file in `dist/`, and its source from the root. `package.json` names each. */
export const entryPoints = {
  main: "src/main.ts",
  mod: "src/package/mod.ts",
  client: "src/package/client.ts",
  testing: "src/package/testing.ts",
  worker: "src/package/worker.ts",
} as const;
