/** `weft nats-config`: accounts, users and permissions for nats-server, and the users' key files. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { isRole, natsConfiguration, type NatsUser, natsUserName, roles } from "../../../access/mod.ts";
import { makeUserKey, publicKeyOf } from "../../../nats/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import { type JsonOption, withExamples, withJson } from "../options/connection_options.ts";
import { segment } from "../options/option_values.ts";
import { usageFailure } from "../output/failure.ts";
import { printJson } from "../output/print.ts";

interface ConfigFlags extends JsonOption {
  readonly out: string;
  readonly user?: readonly string[];
}

/** Adds the command. */
export function addNatsConfigCommand(program: Command, scope: CommandScope): void {
  const command = program.command("nats-config")
    .summary("write accounts, users and permissions for nats-server")
    .description(
      "Writes weft.conf, to be included in nats-server's configuration, and a file with a key for each user (--credentials takes it).\n" +
        "Each tenant is an account of its own, and reaches its requests, its feed and its workers' tasks, and nothing of the engines.\n" +
        "Key files that are there already are kept, so that it can be run again with more users.",
    )
    .requiredOption("--out <dir>", "folder to write to")
    .option(
      "--user <tenant:namespace:role[:resources]>",
      "a user; namespace * for all; resources of a worker, separated by commas; repeatable",
      (text: string, before: readonly string[] = []) => [...before, text],
    );
  withExamples(withJson(command), [
    "weft nats-config --out nats --user acme:shop:starter --user acme:shop:worker:charge,refund --user 'acme:*:viewer'",
  ]).action((flags: ConfigFlags) => writeConfig(scope, flags));
}

async function writeConfig({ io }: CommandScope, flags: ConfigFlags): Promise<void> {
  const folder = resolve(io.cwd, flags.out);
  await mkdir(folder, { recursive: true });
  const engine = await keyIn(join(folder, "engine.nk"), undefined);
  const users: NatsUser[] = [];
  for (const asked of (flags.user ?? []).map(userOf)) {
    const name = natsUserName(asked);
    if (users.some((one) => natsUserName(one) === name)) {
      throw usageFailure(`Expected one user ${name}, but there are two`);
    }
    users.push({ ...asked, publicKey: await keyIn(join(folder, `${name}.nk`), `_INBOX_${name}`) });
  }
  const file = join(folder, "weft.conf");
  await writeFile(file, natsConfiguration(engine, users));
  const files = ["engine", ...users.map(natsUserName)].map((name) => join(flags.out, `${name}.nk`));
  if (flags.json === true) return printJson(io, { configuration: file, keys: files });
  io.stderr.write(
    `Wrote ${join(flags.out, "weft.conf")} and ${files.length} key files\n` +
      `Engines: weft serve --credentials ${files[0]} --make-consumers --key-file …\n`,
  );
}

function userOf(text: string): Omit<NatsUser, "publicKey"> {
  const [tenant = "", space = "", role = "", ...rest] = text.split(":");
  const namespace = space === "*" ? undefined : segment("the namespace of --user", space);
  if (!isRole(role)) throw usageFailure(`Expected a role of ${roles.join(", ")} in --user, but got "${role}"`);
  const resources = rest.join(":").split(",").map((name) => name.trim()).filter((name) => name !== "");
  if (resources.length > 0 && namespace === undefined) {
    throw usageFailure("Expected a worker's --user to have a namespace: its consumers are of one");
  }
  return { tenant: segment("the tenant of --user", tenant), namespace, role, resources };
}

/** The public key of a file's user; one that is not there yet is made, for its owner alone. */
async function keyIn(file: string, inbox: string | undefined): Promise<string> {
  try {
    await writeFile(file, makeUserKey(inbox), { mode: 0o600, flag: "wx" });
  } catch (failure) {
    if (!(failure instanceof Error && "code" in failure && failure.code === "EEXIST")) throw failure;
  }
  const key = publicKeyOf(await readFile(file, "utf8"));
  if (key === undefined) throw usageFailure(`Expected "${file}" to hold a user's key, but it does not`);
  return key;
}
