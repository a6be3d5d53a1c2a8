/** `weft import`: what CDK, SAM and Serverless make is put on a server. */
import { basename } from "node:path";
import type { Command } from "commander";
import type { CommandScope } from "../command_scope.ts";
import { type JsonOption, withExamples, withJson } from "../options/connection_options.ts";
import { AWS_API_PORT, type AwsApiFlags, awsApiOf } from "../options/aws_api_options.ts";
import { usageFailure } from "../output/failure.ts";
import { printJson } from "../output/print.ts";
import { printable } from "../output/text_width.ts";
import { readTextFile } from "../input/read_input.ts";
import { AwsApiClient } from "../templates/aws_api_client.ts";
import { importResources, type Step } from "../templates/import_plan.ts";
import { ResolvedTemplate } from "../templates/resolve_template.ts";
import { objectOf } from "../templates/template_text.ts";
import { wantedResources } from "../templates/template_resources.ts";

interface ImportFlags extends JsonOption, Pick<AwsApiFlags, "account" | "region"> {
  readonly endpoint: string;
  readonly parameter: readonly string[];
  readonly stack?: string;
  readonly apply?: boolean;
}

const SIGNS = { create: "+", update: "~", keep: "=" } as const;

/** Adds the command. */
export function addImportCommand(program: Command, scope: CommandScope): void {
  const command = program.command("import")
    .summary("put the state machines of a CloudFormation template on a server")
    .description(
      "Reads what CDK, SAM and Serverless make (CloudFormation, JSON or YAML) and shows what the server lacks of its state machines,\n" +
        "activities, versions and aliases. Nothing is changed without --apply, and nothing is deleted.",
    )
    .argument("<template>", "file with the template")
    .option("--apply", "make the server have it")
    .option(
      "--parameter <name=value>",
      "a parameter of the template, or what another stack exports; repeatable",
      collect,
      [],
    )
    .option("--stack <name>", "name of the stack (default: the file's)")
    .option("--endpoint <url>", "the server's AWS API", `http://127.0.0.1:${AWS_API_PORT}`)
    .option("--account <id>", "account that the machines are put in (env WEFT_AWS_ACCOUNT; default 123456789012)")
    .option("--region <name>", "region that the machines are put in (env WEFT_AWS_REGION; default us-east-1)");
  withExamples(withJson(command), [
    "weft import cdk.out/Shop.template.json",
    "weft import template.yaml --parameter Stage=dev --apply",
  ]).action((template: string, flags: ImportFlags) => importTemplate(scope, template, flags));
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function importTemplate(scope: CommandScope, path: string, flags: ImportFlags): Promise<void> {
  const { io } = scope;
  if (!URL.canParse(flags.endpoint)) {
    throw usageFailure(`Expected --endpoint to be a URL, but it is "${flags.endpoint}"`);
  }
  const { account, region } = awsApiOf(io, flags);
  const { text, source } = await readTextFile(io, path);
  const stack = flags.stack ?? basename(path).split(".")[0] ?? "stack";
  const template = new ResolvedTemplate(objectOf(text, source), {
    account,
    region,
    stack,
    parameters: parametersOf(flags.parameter),
  });
  const wanted = await wantedResources(template, path, async (file) => (await readTextFile(io, file)).text);
  const client = new AwsApiClient(flags.endpoint, account, region);
  const isApplied = flags.apply === true;
  const plan = await importResources(client, wanted, { account, region }, false);
  if (flags.json !== true) showPlan(scope, plan);
  if (isApplied) await importResources(client, wanted, { account, region }, true);
  if (flags.json === true) return printJson(io, { applied: isApplied, steps: plan });
  const changes = plan.filter(({ change }) => change !== "keep").length;
  const end = changes === 0 ? "nothing to do" : isApplied ? `${changes} done` : `${changes} to do: --apply does it`;
  io.stderr.write(`${source}: ${end}\n`);
}

function showPlan({ io, paint }: CommandScope, plan: readonly Step[]): void {
  for (const { change, what, name } of plan) {
    const line = `${SIGNS[change]} ${what} ${printable(name)}`;
    io.stdout.write(
      `${change === "keep" ? paint.dim(line) : change === "create" ? paint.green(line) : paint.yellow(line)}\n`,
    );
  }
}

function parametersOf(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(given.map((text) => {
    const at = text.indexOf("=");
    if (at < 1) throw usageFailure(`Expected --parameter NAME=VALUE, but it is "${text}"`);
    return [text.slice(0, at), text.slice(at + 1)];
  }));
}
