// Goal: `mod.ts` has exactly the functions of `contract.ts`. Method: the compiler holds the types, the test the names.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Language } from "../../../src/language/contract.ts";
import * as language from "../../../src/language/mod.ts";

const held: Language = language;
const names: Record<keyof Language, true> = {
  parseDefinition: true,
  validateDefinition: true,
  definitionSchema: true,
  variableReferences: true,
  effectiveInput: true,
  stateArguments: true,
  stateOutcome: true,
  choose: true,
  waitEnd: true,
  failure: true,
  taskTimeouts: true,
  taskCredentials: true,
  mapItems: true,
  mapSettings: true,
  itemInput: true,
  distributedMapFields: true,
  findRetrier: true,
  retryDelaySeconds: true,
  jitteredDelaySeconds: true,
  findCatcher: true,
  catcherOutcome: true,
};

test("mod.ts exports every function of the contract", () => {
  for (const name of Object.keys(names)) {
    strictEqual(typeof Reflect.get(held, name), "function", `Expected ${name} in src/language/mod.ts`);
  }
});

test("mod.ts exports nothing else but acceptedLimits, Budget, causeInState() and seededDraws()", () => {
  deepStrictEqual(Object.keys(language).filter((name) => !Object.hasOwn(names, name)), [
    "Budget",
    "acceptedLimits",
    "causeInState",
    "seededDraws",
  ]);
});
