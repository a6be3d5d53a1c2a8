/** The options of commands that serve the AWS API. */
import type { Command } from "commander";
import { present } from "../../../values/mod.ts";
import type { AwsApiOptions } from "../homes.ts";
import type { CliIo } from "../io.ts";
import { nonEmpty, segment } from "./option_values.ts";

/** The default port of the AWS API: Step Functions Local's. */
export const AWS_API_PORT = 8_083;

/** Flags of commands that serve the AWS API. */
export interface AwsApiFlags {
  readonly host?: string;
  readonly account?: string;
  readonly region?: string;
  readonly allowHost?: string;
  readonly keyFile?: string;
  readonly allowUnauthenticated?: boolean;
}

/** Adds what says where the AWS API listens and whose unsigned calls are. */
export function withAwsApi(command: Command): Command {
  return command
    .option("--host <address>", "interface that the AWS API listens on (env WEFT_HTTP_HOST; default 127.0.0.1)")
    .option("--account <id>", "account of calls whose access key is none (env WEFT_AWS_ACCOUNT; default 123456789012)")
    .option(
      "--allow-host <names>",
      "names, separated by commas, that browsers may reach it by besides localhost and addresses (env WEFT_HTTP_ALLOWED_HOSTS)",
    )
    .option("--key-file <file>", "file with the cluster's root key (env WEFT_KEY_FILE); see weft keys")
    .option(
      "--allow-unauthenticated",
      "listen beyond this machine although there are no access keys: whoever reaches it may do anything",
    )
    .option("--region <name>", "region of unsigned calls (env WEFT_AWS_REGION; default us-east-1)");
}

/** Interface, account and region of the AWS API, from flags, environment and defaults. */
export function awsApiOf({ env }: CliIo, flags: AwsApiFlags): AwsApiOptions {
  const host = nonEmpty(flags.host) ?? nonEmpty(env["WEFT_HTTP_HOST"]);
  const allowed = nonEmpty(flags.allowHost) ?? nonEmpty(env["WEFT_HTTP_ALLOWED_HOSTS"]);
  const allowedHosts = allowed?.split(",").map((name) => name.trim()).filter((name) => name !== "");
  return {
    account: segment("--account", nonEmpty(flags.account) ?? nonEmpty(env["WEFT_AWS_ACCOUNT"]) ?? "123456789012"),
    region: segment("--region", nonEmpty(flags.region) ?? nonEmpty(env["WEFT_AWS_REGION"]) ?? "us-east-1"),
    ...present({ host, allowedHosts, allowUnauthenticated: flags.allowUnauthenticated }),
  };
}

/** The root key's file, from the flag or the environment. */
export function keyFileOf({ env }: CliIo, flags: Pick<AwsApiFlags, "keyFile">): { readonly keyFile?: string } {
  return present({ keyFile: nonEmpty(flags.keyFile) ?? nonEmpty(env["WEFT_KEY_FILE"]) });
}
