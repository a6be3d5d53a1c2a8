import { after, before } from "node:test";
import { type Home, openEmbeddedHome } from "../../../src/homes/mod.ts";
import { exampleHandlers, testExamples } from "../../support/example_runs.ts";

let home: Home | undefined;

before(async () => {
  home = await openEmbeddedHome({ handlers: await exampleHandlers(), timeScale: 0.05 });
});
after(() => home?.close());

testExamples("embedded", () => {
  if (home === undefined) throw new Error("Expected the home to be open");
  return home.engine;
});
