#!/usr/bin/env node
/**
 * `npm run docs`: writes the documents that are made from the code.
 *
 * To add one: write what makes its text in `scripts/documents/`, and name it here. A test of the architecture fails when a document is
 * not what its maker gives.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { actorsDocument } from "./documents/actors.ts";
import { configurationDocument } from "./documents/configuration.ts";
import { differencesDocument } from "./documents/differences.ts";
import { errorDocuments } from "./documents/errors.ts";
import { firstWorkerDocuments } from "./documents/first_workers.ts";
import { fromAwsDocument } from "./documents/from_aws.ts";
import { languageDocument } from "./documents/language.ts";
import { limitsDocument } from "./documents/limits.ts";
import { root } from "./test_run.ts";

/** A document that nobody writes by hand. */
export interface MadeDocument {
  /** From the project's root. */
  readonly path: string;
  readonly make: () => string;
}

/** All of them. */
export const madeDocuments: readonly MadeDocument[] = [
  { path: "docs/actors.md", make: actorsDocument },
  { path: "docs/configuration.md", make: configurationDocument },
  { path: "docs/differences.md", make: differencesDocument },
  ...[...errorDocuments(), ...firstWorkerDocuments()].map(({ path, text }) => ({ path, make: () => text })),
  { path: "docs/from_aws.md", make: fromAwsDocument },
  { path: "docs/language.md", make: languageDocument },
  { path: "docs/limits.md", make: limitsDocument },
];

if (import.meta.main) {
  for (const { path, make } of madeDocuments) {
    mkdirSync(dirname(`${root}${path}`), { recursive: true });
    writeFileSync(`${root}${path}`, make());
    process.stdout.write(`${path}\n`);
  }
}
