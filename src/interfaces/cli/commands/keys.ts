/** `weft keys …`: who may sign requests of the AWS API and the console. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { type AccessKey, isRole, roles } from "../../../access/mod.ts";
import { present } from "../../../values/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import type { KeyPort, KeyStoreOptions } from "../homes.ts";
import { keyFileOf } from "../options/aws_api_options.ts";
import {
  type ConnectionFlags,
  credentialsOf,
  natsUrlOf,
  withExamples,
  withJson,
  withNats,
} from "../options/connection_options.ts";
import { nonEmpty, segment } from "../options/option_values.ts";
import { CliFailure, usageFailure } from "../output/failure.ts";
import { printJson } from "../output/print.ts";
import { tableLines } from "../output/table.ts";
import { reaching } from "../reach_server.ts";

interface KeyFlags extends ConnectionFlags {
  readonly store?: string;
  readonly keyFile?: string;
}

interface CreateFlags extends KeyFlags {
  readonly role: string;
  readonly regions?: string;
  readonly comment?: string;
}

/** Adds the group of commands. */
export function addKeyCommands(program: Command, scope: CommandScope): void {
  const group = program.command("keys").summary("make, list and revoke access keys")
    .description(
      "Access keys sign requests of the AWS API and the console. Once there is one, every request must be signed.\n" +
        "They are in the cluster's store, sealed under its root key: a file that every engine of the cluster is given.",
    );
  const init = group.command("init").summary("make a file with a new root key").argument("<file>", "file to make");
  withExamples(withJson(init), ["weft keys init cluster.key"])
    .action((file: string, flags: KeyFlags) => makeFile(scope, file, flags));

  const create = group.command("create").summary("make an access key; its secret is shown this once")
    .addOption(new Option("--role <role>", "what it may do").choices([...roles]).makeOptionMandatory())
    .option("--tenant <name>", "the account that it belongs to (env WEFT_TENANT; default 123456789012)")
    .option("--regions <names>", "regions, separated by commas, that it may reach; default: all of the account's")
    .option("--comment <text>", "what it is for");
  withExamples(withKeyStore(create), [
    "weft keys create --store ./state --role admin",
    "weft keys create --nats nats://127.0.0.1:4222 --key-file cluster.key --tenant 111111111111 --role starter",
  ]).action((flags: CreateFlags) => createKey(scope, flags));

  withExamples(withKeyStore(group.command("list").summary("list access keys")), ["weft keys list --store ./state"])
    .action((flags: KeyFlags) => listKeys(scope, flags));

  const revoke = group.command("revoke").summary("revoke an access key: servers refuse it within five seconds")
    .argument("<id>", "the key's id");
  withExamples(withKeyStore(revoke), ["weft keys revoke WEFTABCDEFGHIJKLMNOP --store ./state"])
    .action((id: string, flags: KeyFlags) => revokeKey(scope, id, flags));
}

function withKeyStore(command: Command): Command {
  command
    .option("--store <dir>", "folder of an embedded server that does not run just now; its key is cluster.key there")
    .option("--key-file <file>", "file with the cluster's root key (env WEFT_KEY_FILE)");
  return withJson(withNats(command));
}

async function withKeys<T>(scope: CommandScope, flags: KeyFlags, work: (keys: KeyPort) => Promise<T>): Promise<T> {
  const { store } = flags;
  const key = keyFileOf(scope.io, flags);
  const url = natsUrlOf(scope.io, flags);
  if (store === undefined && key.keyFile === undefined) {
    throw usageFailure("Expected --store of an embedded server, or --key-file of a cluster on NATS", {
      hint: "`weft keys init FILE` makes the file; every engine of the cluster is started with it.",
    });
  }
  const options: KeyStoreOptions = store === undefined
    ? { url, ...credentialsOf(scope.io, flags), ...key }
    : { store, ...key };
  const opening = scope.homes.openKeys(options);
  const keys = await (store === undefined ? reaching(url, opening) : opening);
  try {
    return await work(keys);
  } finally {
    await keys.close();
  }
}

async function makeFile({ io, homes }: CommandScope, file: string, flags: KeyFlags): Promise<void> {
  await homes.makeKeyFile(resolve(io.cwd, file));
  if (flags.json === true) printJson(io, { file });
  else io.stderr.write(`Made ${file}: keep it safe, without it what is sealed under it is lost\n`);
}

async function createKey(scope: CommandScope, flags: CreateFlags): Promise<void> {
  const { role, comment } = flags;
  if (!isRole(role)) throw usageFailure(`Expected --role to be one of ${roles.join(", ")}`);
  const tenant = nonEmpty(flags.tenant) ?? nonEmpty(scope.io.env["WEFT_TENANT"]) ?? "123456789012";
  const regions = nonEmpty(flags.regions)?.split(",").map((name) => segment("--regions", name.trim()));
  const request = { tenant: segment("--tenant", tenant), role, ...present({ regions, comment }) };
  const key = await withKeys(scope, flags, (keys) => keys.create(request));
  if (flags.json === true) return printJson(scope.io, key);
  scope.io.stdout.write(`AWS_ACCESS_KEY_ID=${key.id}\nAWS_SECRET_ACCESS_KEY=${key.secret}\n`);
  scope.io.stderr.write("The secret is not shown again\n");
}

async function listKeys(scope: CommandScope, flags: KeyFlags): Promise<void> {
  const { io, paint } = scope;
  const keys = await withKeys(scope, flags, (open) => open.list());
  if (flags.json === true) return printJson(io, { keys });
  if (keys.length === 0) return io.stderr.write("There are no access keys; weft keys create makes one\n");
  const columns = [
    { title: "KEY", text: ({ id }: AccessKey) => id },
    { title: "TENANT", text: ({ tenant }: AccessKey) => tenant },
    { title: "ROLE", text: ({ role }: AccessKey) => role },
    { title: "REGIONS", text: ({ regions }: AccessKey) => regions?.join(",") ?? "all" },
    { title: "CREATED", text: ({ createdAt }: AccessKey) => createdAt },
    { title: "REVOKED", text: ({ revokedAt }: AccessKey) => revokedAt ?? "" },
    { title: "COMMENT", text: ({ comment }: AccessKey) => comment ?? "" },
  ];
  for (const line of tableLines(columns, keys, paint, io.stdout.isTTY ? io.stdout.columns : Infinity)) {
    io.stdout.write(`${line}\n`);
  }
}

async function revokeKey(scope: CommandScope, id: string, flags: KeyFlags): Promise<void> {
  const key = await withKeys(scope, flags, (keys) => keys.revoke(id));
  if (key === undefined) throw new CliFailure(`There is no access key "${id}"`, { code: "NotFound" });
  if (flags.json === true) printJson(scope.io, key);
  else scope.io.stdout.write(`${key.id} revoked\n`);
}
