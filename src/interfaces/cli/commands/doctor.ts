/** `weft doctor`: is this NATS server fit for Weft, and what to do if not. */
import type { Command } from "commander";
import type { CommandScope } from "../command_scope.ts";
import {
  credentialsOf,
  type JsonOption,
  natsUrlOf,
  withExamples,
  withJson,
  withNats,
} from "../options/connection_options.ts";
import { printJson } from "../output/print.ts";
import { reaching, withoutPassword } from "../reach_server.ts";
import type { Finding } from "../doctor/finding.ts";
import { findings } from "../doctor/findings.ts";
import { printable } from "../output/text_width.ts";
import { present } from "../../../values/mod.ts";

interface DoctorFlags extends JsonOption {
  readonly nats?: string;
  readonly credentials?: string;
  readonly monitoring?: string;
}

/** Adds the command. */
export function addDoctorCommand(program: Command, scope: CommandScope): void {
  const command = program.command("doctor")
    .summary("check a NATS server, and say what to do")
    .description(
      "Looks at the NATS server and at what Weft has on it; writes nothing. Exit status: 1 if something must be done.",
    )
    .option("--monitoring <url>", "its monitoring port, such as http://127.0.0.1:8222: to see how it syncs to disk");
  withExamples(withJson(withNats(command)), [
    "weft doctor",
    "weft doctor --nats nats://n1:4222 --monitoring http://n1:8222 --json",
  ])
    .action((flags: DoctorFlags) => examine(scope, flags));
}

async function examine(scope: CommandScope, flags: DoctorFlags): Promise<void> {
  const { io, homes } = scope;
  const url = natsUrlOf(io, flags);
  const { monitoring } = flags;
  const facts = await reaching(
    url,
    homes.inspectNats({
      url,
      ...credentialsOf(io, flags),
      ...present({ monitoringUrl: monitoring }),
    }),
  );
  const found = findings(facts);
  const isFit = found.every(({ level }) => level !== "fail");
  scope.exitCode = isFit ? 0 : 1;
  if (flags.json === true) return printJson(io, { url: withoutPassword(url), fit: isFit, findings: found, facts });
  for (const finding of found) for (const line of findingLines(scope, finding)) io.stdout.write(`${line}\n`);
}

function findingLines({ paint }: CommandScope, { level, name, message, advice }: Finding): string[] {
  const mark = { ok: paint.green("✓"), warn: paint.yellow("!"), fail: paint.red("✗"), unknown: paint.dim("?") }[level];
  const line = `${mark} ${paint.bold(name)}  ${printable(message)}`;
  return advice === undefined ? [line] : [line, `    ${paint.dim(printable(advice))}`];
}
