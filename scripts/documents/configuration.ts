/** The document of the settings: every option of the command line, and every variable of the environment that the product reads. */
import { Command } from "commander";
import { commandGroups } from "../../src/interfaces/cli/command_table.ts";
import { lazyHomes, processIo } from "../../src/interfaces/cli/mod.ts";
import { paintFor } from "../../src/interfaces/cli/output/paint.ts";
import { limitVariable } from "../../src/interfaces/cli/options/limit_options.ts";
import { limitNames, limitSettings, WEFT_VERSION } from "../../src/values/mod.ts";

const INTRODUCTION = `# Configuration

<!-- Made by \`npm run docs\` from the command line's options and scripts/documents/configuration.ts: change those, not this. -->

There is no configuration file: a setting is an option of a command or a variable of the environment, and where both are given, the option counts. Ranges of limits are in
[limits.md](limits.md). What the settings of integrations are for is in [integrations.md](integrations.md), the commands are in [cli.md](cli.md).

| option | variable | default | of | what |
|---|---|---|---|---|
`;

const EVERY = ["every command"];

/** What has a variable and no option, and what the words of an option do not say. */
const variablesAlone: readonly Omit<Setting, "option">[] = [
  { variable: "NO_COLOR", fallback: "", commands: EVERY, what: "no colours, whatever it is set to" },
  {
    variable: "FORCE_COLOR",
    fallback: "",
    commands: EVERY,
    what: "colours also where there is no terminal; `0` for none",
  },
  { variable: "TERM", fallback: "", commands: EVERY, what: "`dumb`: no colours" },
  { variable: "PATH", fallback: "", commands: ["dev"], what: "where `--nodes` looks for nats-server" },
  otlp(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "base URL of an OpenTelemetry collector that gets metrics and traces: `v1/metrics` and `v1/traces` are put behind it",
    "none",
  ),
  otlp("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "the whole URL for traces, instead", "none"),
  otlp("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "the whole URL for metrics, instead", "none"),
  otlp("OTEL_EXPORTER_OTLP_HEADERS", "headers of its requests: `name=value,other=value`, percent-encoded", "none"),
  otlp("OTEL_EXPORTER_OTLP_PROTOCOL", "`http/protobuf` or `http/json`", "http/protobuf"),
  otlp("OTEL_SERVICE_NAME", "what the collector is told that this is", "weft"),
  otlp("OTEL_RESOURCE_ATTRIBUTES", "and what more: `name=value,other=value`, percent-encoded", "none"),
  otlp("OTEL_METRIC_EXPORT_INTERVAL", "milliseconds between two exports of metrics", "60000"),
  otlp("OTEL_TRACES_EXPORTER", "`none`: no traces", "otlp"),
  otlp("OTEL_METRICS_EXPORTER", "`none`: no metrics", "otlp"),
  otlp("OTEL_SDK_DISABLED", "`true`: nothing is exported", "false"),
  ...integration("LAMBDA_ENDPOINT", "URL of a Lambda Invoke API"),
  ...integration("WEFT_AWS", "AWS's services that tasks may call: `dynamodb,sqs`, `*` for all, `off` for none"),
  ...integration("AWS_ENDPOINT_URL", "where AWS's services are, if not at AWS"),
  ...integration("AWS_ENDPOINT_URL_{SERVICE}", "where one of them is; of Step Functions itself it is not read"),
  ...integration("AWS_ACCESS_KEY_ID", "by whose key tasks call; `test` where an endpoint alone is set"),
  ...integration("AWS_SECRET_ACCESS_KEY", "the key's secret"),
  ...integration("AWS_SESSION_TOKEN", "the token of keys that do not last"),
  ...integration("AWS_PROFILE", "AWS's SDK finds the keys by itself: in this profile"),
  ...integration("AWS_WEB_IDENTITY_TOKEN_FILE", "the same: by this token"),
  ...integration("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "the same: from the container's service"),
  ...integration("AWS_CONTAINER_CREDENTIALS_FULL_URI", "the same"),
  ...integration("AWS_REGION", "in which region tasks call", "us-east-1"),
  ...integration("AWS_DEFAULT_REGION", "the same, where `AWS_REGION` is not set"),
  ...integration("S3_ENDPOINT", "URL of an S3, for the items and results of Map Runs"),
  ...integration("WEFT_OBJECTS", "folder whose folders are buckets, for the same"),
  ...integration("WEFT_HTTP_CONNECTIONS", "file of the credentials of HTTP endpoints"),
  ...integration(
    "WEFT_HTTP_INTERNAL",
    "internal hosts and networks that HTTP tasks may reach, with commas; `*` for all",
  ),
  ...integration("SFN_MOCK_CONFIG", "Step Functions Local's file of mocked results"),
  {
    variable: "WEFT_NATS_URL, WEFT_NATS_CREDENTIALS",
    fallback: "none",
    commands: ["dev", "run"],
    what: "the NATS server of `nats:…` tasks, of an engine that is not on NATS",
  },
];

/** Set for a command of `weft worker --exec`, not read. */
const givenToCommands = ["WEFT_TASK_ID", "WEFT_EXECUTION_ID", "WEFT_STATE_NAME", "WEFT_RESOURCE", "WEFT_ATTEMPT"];

const OUTRO = `
\`weft worker --exec\` gives the command that it runs ${
  givenToCommands.map((name) => `\`${name}\``).join(", ")
}. In TypeScript the settings are options of
\`Executor\`, \`WeftClient.connect\` and \`WeftWorker\`, and the environment is not read.
`;

/** A line of the table. */
interface Setting {
  readonly option: string;
  readonly variable: string;
  readonly fallback: string;
  readonly commands: readonly string[];
  readonly what: string;
}

/** A setting of what a server sends to a collector. */
function otlp(variable: string, what: string, fallback: string): Omit<Setting, "option"> {
  return { variable, fallback, commands: ["serve", "dev"], what };
}

/** A setting of what a server does by itself. */
function integration(variable: string, what: string, fallback = "none"): readonly Omit<Setting, "option">[] {
  return [{ variable, fallback, commands: ["serve", "dev", "run"], what }];
}

const program = await everyCommand();

/** The text of `docs/configuration.md`. */
export function configurationDocument(): string {
  return `${INTRODUCTION}${settings().map(lineOf).join("")}${OUTRO}`;
}

/** All of them: options first, in the order in which the commands have them. */
function settings(): readonly Setting[] {
  const byWords = new Map<string, Setting>();
  const all = optionsOf(program, "");
  for (const { command, flags, description, preset } of all) {
    const key = `${flags} ${description}`;
    const known = byWords.get(key);
    const setting = known ?? { option: flags, commands: [], ...readWords(description, preset) };
    byWords.set(key, { ...setting, commands: [...setting.commands, command] });
  }
  const shortened = [...byWords.values()].map((setting) => ({
    ...setting,
    commands: program.commands.reduce(shortenGroup, setting.commands),
  }));
  return [...shortened, ...limits(), ...variablesAlone.map((setting) => ({ option: "", ...setting }))];
}

/** `executions` instead of each command of that group, where all of them are there. */
function shortenGroup(commands: readonly string[], group: Command): readonly string[] {
  const members = group.commands.map((command) => `${group.name()} ${command.name()}`);
  const [first] = members;
  if (first === undefined || !members.every((name) => commands.includes(name))) return commands;
  return commands.map((name) => name === first ? group.name() : name).filter((name) => !members.includes(name));
}

function limits(): readonly Setting[] {
  return limitNames.map((name) => ({
    option: `--limit ${name}=…`,
    variable: limitVariable(name),
    fallback: limitSettings[name].default.toLocaleString("en"),
    commands: ["run", "serve", "dev"],
    what: limitSettings[name].what,
  }));
}

/** The command line with the options of all commands. */
async function everyCommand(): Promise<Command> {
  const io = processIo();
  const paint = paintFor(io.stdout, {});
  const homes = lazyHomes(WEFT_VERSION, () => Promise.reject(new Error("No home is opened here")));
  const all = new Command("weft");
  for (const { commands } of commandGroups) {
    for (const { add } of commands) await add(all, { io, homes, paint, errPaint: paint, exitCode: 0 });
  }
  return all;
}

/** An option of a command, as it was declared. */
interface Declared {
  readonly command: string;
  readonly flags: string;
  readonly description: string;
  readonly preset: unknown;
}

function optionsOf(command: Command, path: string): readonly Declared[] {
  const shown = command.options.filter(({ long, flags, hidden }) =>
    !hidden && !flags.startsWith("--limit <name") && long !== "--version"
  );
  const own = shown.map(({ flags, description, defaultValue: preset }) => ({
    command: path,
    flags,
    description,
    preset,
  }));
  const below = command.commands.flatMap((child) => optionsOf(child, `${path} ${child.name()}`.trim()));
  return [...own, ...below];
}

/** What stands in an option's words: `(env WEFT_NATS_URL, default nats://…)`, `; default: the machine's name`. */
function readWords(description: string, preset: unknown): Pick<Setting, "variable" | "fallback" | "what"> {
  const [, variable = ""] = /\(env ([A-Z][A-Z_]+(?: …)?)/.exec(description) ?? [];
  const [, inside = ""] = /\([^()]*default:? ([^()]+)\)/.exec(description) ?? [];
  const [, behind = ""] = /; default: (.+)$/.exec(description) ?? [];
  const declared = preset === undefined || (Array.isArray(preset) && preset.length === 0) ? "" : String(preset);
  const what = description.replace(/ ?\((?:env|default)[^()]*\)/g, "").replace(/; default: .+$/, "");
  return { variable, fallback: declared || inside || behind, what };
}

function lineOf({ option, variable, fallback, commands, what }: Setting): string {
  const code = (text: string) => text === "" ? "" : text.split(", ").map((part) => `\`${part}\``).join(", ");
  const cells = [option === "" ? "" : `\`${option}\``, code(variable), fallback, commands.join(", "), what];
  return `| ${cells.map((text) => text.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |\n`;
}
