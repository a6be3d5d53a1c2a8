/**
 * `npm run build`, and `npm pack` by itself: makes `dist/`, the package's JavaScript and types (ADR 0023).
 *
 * The repository runs without it.
 */
import { rm } from "node:fs/promises";
import { buildCode } from "./build/code.ts";
import { buildTypes } from "./build/types.ts";
import { entryPoints } from "./build/entry_points.ts";
import { root } from "./test_run.ts";

const folder = `${root}/dist`;
await rm(folder, { recursive: true, force: true });
const { main: _, ...libraries } = entryPoints;
await Promise.all([buildCode(entryPoints, folder), buildTypes(libraries, folder)]);
