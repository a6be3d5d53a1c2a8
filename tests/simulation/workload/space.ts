import type { Space } from "../../../src/values/mod.ts";

/** Where everything of a simulation lives. */
export const space: Space = { tenant: "sim", namespace: "ulation" };
