/** Limits other than the defaults: `--limit name=value`, else the environment. `docs/limits.md` has them all. */
import { type Command, InvalidArgumentError } from "commander";
import {
  limitNames,
  type Limits,
  LimitsInvalid,
  limitsOf,
  parseRetention,
  type RetentionRule,
} from "../../../values/mod.ts";
import { usageFailure } from "../output/failure.ts";
import type { CliIo } from "../io.ts";

const RETENTION_VARIABLE = "WEFT_RETENTION";

/** Flags of commands that run an engine. */
export interface LimitFlags {
  readonly limit?: Partial<Limits>;
  readonly retention?: readonly RetentionRule[];
}

/** Adds `--limit` and `--retention`. */
export function withLimits(command: Command): Command {
  return command.option(
    "--limit <name=value>",
    "another limit than the default, such as payloadBytesMax=65536; repeatable (env WEFT_LIMIT_PAYLOAD_BYTES_MAX …)",
    (text: string, before: Partial<Limits> = {}) => ({ ...before, ...limitOf(text) }),
  ).option(
    "--retention <rule=time>",
    "how long ended executions are kept, by status or workflow: Failed=180d, orders:*=7d; repeatable (env WEFT_RETENTION)",
    (text: string, before: readonly RetentionRule[] = []) => [...before, retentionRule(text)],
  );
}

function retentionRule(text: string): RetentionRule {
  const rule = parseRetention(text);
  if (rule !== undefined) return rule;
  throw new InvalidArgumentError(`Expected [workflow:]Succeeded|Failed|Canceled|*=time, such as orders:Failed=30d.`);
}

/** The flags, else what the environment says, by commas. */
function retentionRules(io: CliIo, { retention }: LimitFlags): { readonly retention?: readonly RetentionRule[] } {
  const text = io.env[RETENTION_VARIABLE] ?? "";
  const rules = retention ?? (text === "" ? [] : text.split(",").map((one) => {
    const rule = parseRetention(one.trim());
    if (rule !== undefined) return rule;
    throw usageFailure(
      `Expected ${RETENTION_VARIABLE} to be rules such as "Failed=180d,orders:*=7d", but it has "${one}"`,
    );
  }));
  return rules.length === 0 ? {} : { retention: rules };
}

function limitOf(text: string): Partial<Limits> {
  const [, wanted = "", value = ""] = /^([A-Za-z]+)=(\d+)$/.exec(text) ?? [];
  const name = limitNames.find((known) => known === wanted);
  if (name !== undefined) return { [name]: Number(value) };
  throw new InvalidArgumentError(`Expected name=value with a whole number and one of ${limitNames.join(", ")}.`);
}

/** The variable of the environment that sets a limit: `WEFT_LIMIT_PAYLOAD_BYTES_MAX` for `payloadBytesMax`. */
export function limitVariable(name: keyof Limits): string {
  return `WEFT_LIMIT_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** What was set, if anything was; a flag goes before the environment. @throws {CliFailure} limits that cannot be: it names them */
export function limitSettings(
  io: CliIo,
  flags: LimitFlags,
): { readonly limits?: Partial<Limits>; readonly retention?: readonly RetentionRule[] } {
  const rules = retentionRules(io, flags);
  const limits: { -readonly [Name in keyof Limits]?: number } = {};
  for (const name of limitNames) {
    const text = io.env[limitVariable(name)] ?? "";
    if (text !== "" && !/^\d+$/.test(text)) {
      throw usageFailure(`Expected ${limitVariable(name)} to be a whole number, but it is "${text}"`);
    }
    const value = flags.limit?.[name] ?? (text === "" ? undefined : Number(text));
    if (value !== undefined) limits[name] = value;
  }
  if (Object.keys(limits).length === 0) return rules;
  try {
    limitsOf(limits);
  } catch (thrown) {
    throw thrown instanceof LimitsInvalid ? usageFailure(thrown.message) : thrown;
  }
  return { limits, ...rules };
}
