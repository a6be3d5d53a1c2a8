import { randomUUID } from "node:crypto";
import type { Engine, Registry } from "../runtime/mod.ts";
import type { Space } from "../values/mod.ts";
import type { AwsScope } from "./arns.ts";

/** What is drawn while a call is answered. */
export interface CallDraws {
  readonly uuid: () => string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly nowEpochMs: () => number;
}

/** Drawn from the machine that the process runs on. */
export const systemDraws: CallDraws = { uuid: randomUUID, random: Math.random, nowEpochMs: Date.now };

/** Who asks, and what machines, executions, Map Runs and activities are looked up with. */
export interface AwsCaller {
  readonly engine: Engine;
  readonly registry: Registry;
  readonly draws: CallDraws;
  /** Whose account and region. */
  readonly scope: AwsScope;
}

/** The account is the tenant, the region the namespace. */
export function spaceOf({ account, region }: AwsScope): Space {
  return { tenant: account, namespace: region };
}
