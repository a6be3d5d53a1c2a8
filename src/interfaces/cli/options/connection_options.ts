/** The options of commands that speak to a server, and what is common to all: where it is, whose executions are meant, how to print. */
import type { Command } from "commander";
import { present, type Space } from "../../../values/mod.ts";
import type { ConnectionOptions, NatsSettings } from "../homes.ts";
import type { CliIo } from "../io.ts";
import { nonEmpty, segment } from "./option_values.ts";

/** The flag that every command has. */
export interface JsonOption {
  readonly json?: boolean;
}

/** As given; the environment and the defaults come in by {@link connectionOf}. */
export interface ConnectionFlags extends JsonOption {
  readonly nats?: string;
  readonly credentials?: string;
  readonly tenant?: string;
  readonly namespace?: string;
  /** Of commands that ask a server: its HTTP port, or a folder, instead of NATS. */
  readonly http?: string;
  readonly store?: string;
}

/** The space of executions that need no server. */
export const localSpace: Space = { tenant: "local", namespace: "default" };

/** Where NATS is looked for when nobody says. */
export const DEFAULT_NATS_URL = "nats://127.0.0.1:4222";

/** Adds `--json`. */
export function withJson(command: Command, what = "print JSON on stdout, and errors as JSON on stderr"): Command {
  return command.option("--json", what);
}

/** Adds `--nats` and `--credentials`. */
export function withNats(command: Command): Command {
  return command
    .option("--nats <url>", `NATS server (env WEFT_NATS_URL, default ${DEFAULT_NATS_URL})`)
    .option("--credentials <file>", "file with a NATS user's credentials (env WEFT_NATS_CREDENTIALS)");
}

/** Adds `--nats`, `--credentials`, `--tenant`, `--namespace` and `--json`. */
export function withConnection(command: Command): Command {
  withNats(command)
    .option("--tenant <name>", "tenant (env WEFT_TENANT, default default)")
    .option("--namespace <name>", "namespace (env WEFT_NAMESPACE, default default)");
  return withJson(command);
}

/** Adds what says which server is asked: NATS, an HTTP port or a folder; and `--tenant`, `--namespace` and `--json`. */
export function withServer(command: Command): Command {
  withNats(command)
    .option("--http <url>", "the HTTP port of a server instead, such as that of weft dev (env WEFT_HTTP_URL)")
    .option("--store <dir>", "the folder of weft run or weft dev instead, while neither of them has it open")
    .option("--tenant <name>", "tenant (env WEFT_TENANT, default default; with --http the server's)")
    .option("--namespace <name>", "namespace (env WEFT_NAMESPACE, default default; with --http the server's)");
  return withJson(command);
}

/** Lines of examples below a command's help. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText("after", `\nExamples:\n${examples.map((example) => `  ${example}`).join("\n")}`);
}

/** The address of NATS: the flag, else the environment, else this machine. */
export function natsUrlOf(io: CliIo, flags: { readonly nats?: string }): string {
  return nonEmpty(flags.nats) ?? nonEmpty(io.env["WEFT_NATS_URL"]) ?? DEFAULT_NATS_URL;
}

/** The file of credentials, from the flag or the environment. */
export function credentialsOf(
  io: CliIo,
  flags: { readonly credentials?: string },
): { readonly credentialsFile?: string } {
  const file = nonEmpty(flags.credentials) ?? nonEmpty(io.env["WEFT_NATS_CREDENTIALS"]);
  return present({ credentialsFile: file });
}

/** Where tasks of an embedded engine find NATS services: only if the environment says so. */
export function embeddedNats(io: CliIo): { readonly nats?: NatsSettings } {
  const url = nonEmpty(io.env["WEFT_NATS_URL"]);
  return url === undefined ? {} : { nats: { url, ...credentialsOf(io, {}) } };
}

/** Address and space, from flags, environment and defaults. */
export function connectionOf(io: CliIo, flags: ConnectionFlags): ConnectionOptions {
  return {
    url: natsUrlOf(io, flags),
    ...credentialsOf(io, flags),
    tenant: segment("--tenant", nonEmpty(flags.tenant) ?? nonEmpty(io.env["WEFT_TENANT"]) ?? "default"),
    namespace: segment("--namespace", nonEmpty(flags.namespace) ?? nonEmpty(io.env["WEFT_NAMESPACE"]) ?? "default"),
  };
}
