/** Bugs that can be put into a simulation, to see that it finds them. */
import type { Bug } from "./bug.ts";
import { clusterBugs } from "./cluster_bugs.ts";
import { logBugs } from "./log_bugs.ts";
import { loopBugs } from "./loop_bugs.ts";

/** By name, as `--bug` takes it. */
export const bugs = { ...logBugs, ...loopBugs, ...clusterBugs };

/** A bug's name. */
export type BugName = keyof typeof bugs;

/** All names. */
export const bugNames = Object.keys(bugs) as readonly BugName[];

/** The bug of this name, if there is one. */
export function bugOf(name: string | undefined): Bug | undefined {
  return Object.entries<Bug>(bugs).find(([known]) => known === name)?.[1];
}
