/** The part of the language that generated workflows use, as plain JSON. */
import type { Json } from "../../../src/values/mod.ts";

export interface RetrierJson {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: "FULL" | "NONE";
}

export interface CatcherJson {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string;
  /** In JSONata. */
  readonly Output?: Json;
}

export interface RuleJson {
  /** In JSONPath. */
  readonly Variable?: string;
  /** In JSONata. */
  readonly Condition?: string;
  readonly NumericGreaterThan?: number;
  readonly NumericEquals?: number;
  readonly StringEquals?: string;
  readonly IsPresent?: boolean;
  readonly Next: string;
}

export interface StateJson {
  /** As its machine, where it does not say. */
  readonly QueryLanguage?: "JSONata";
  readonly Arguments?: Json;
  readonly Output?: Json;
  readonly Type: "Pass" | "Task" | "Choice" | "Wait" | "Succeed" | "Fail" | "Parallel" | "Map";
  readonly Next?: string;
  readonly End?: true;
  readonly InputPath?: string;
  readonly Parameters?: Json;
  readonly Result?: Json;
  readonly ResultSelector?: Json;
  readonly ResultPath?: string | null;
  readonly OutputPath?: string;
  readonly Assign?: Json;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly HeartbeatSeconds?: number;
  readonly Retry?: readonly RetrierJson[];
  readonly Catch?: readonly CatcherJson[];
  readonly Choices?: readonly RuleJson[];
  readonly Default?: string;
  readonly Seconds?: number | string;
  readonly SecondsPath?: string;
  readonly Error?: string;
  readonly Cause?: string;
  readonly Branches?: readonly ScopeJson[];
  readonly ItemsPath?: string;
  readonly Items?: string;
  readonly ItemSelector?: Json;
  readonly ItemProcessor?: ScopeJson;
  readonly MaxConcurrency?: number;
}

/** A state machine, a branch or an item processor. */
export interface ScopeJson {
  /** Of the machine: JSONPath, where it does not say. */
  readonly QueryLanguage?: "JSONata";
  readonly StartAt: string;
  readonly States: { readonly [name: string]: StateJson };
  readonly TimeoutSeconds?: number;
}
