/** `weft init`: a project to begin with. */
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import type { Command } from "commander";
import type { CommandScope } from "../command_scope.ts";
import { projectFiles } from "../init/project_files.ts";
import { withExamples } from "../options/connection_options.ts";
import { CliFailure } from "../output/failure.ts";

interface InitFlags {
  readonly package?: string;
}

/** Adds the command. */
export function addInitCommand(program: Command, scope: CommandScope): void {
  const command = program.command("init")
    .summary("make a project: a definition, its handlers, a test, a compose file")
    .description(
      "Makes a project in a folder, here if none is named. Files that are there already are never overwritten: nothing is then written at all.",
    )
    .argument("[folder]", "folder of the project; made where it is not there", ".")
    .option(
      "--package <spec>",
      "where the project gets Weft from: a version, a tarball's path or a URL (default: this version)",
    );
  withExamples(command, [
    "weft init",
    "weft init quotes --package ./weft-dev-weft-0.2.0.tgz && cd quotes && npm install && npm test && npm start",
  ]).action((folder: string, flags: InitFlags) => init(scope, folder, flags));
}

async function init({ io, homes }: CommandScope, folder: string, flags: InitFlags): Promise<void> {
  const path = resolve(io.cwd, folder);
  const weft = flags.package === undefined ? homes.version : packageSpec(io.cwd, path, flags.package);
  const name = basename(path).toLowerCase().replace(/[^a-z0-9._-]/g, "-").replace(/^[._-]+/, "") || "workflows";
  const written: string[] = [];
  try {
    for (const [file, text] of projectFiles({ name, weft })) {
      const to = join(path, file);
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, text, { flag: "wx" });
      written.push(to);
    }
  } catch (thrown) {
    const { rm } = await import("node:fs/promises");
    await Promise.all(written.map((file) => rm(file, { force: true })));
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new CliFailure(`Cannot make a project in "${folder}": ${reason}`, {
      code: "Usage",
      exitCode: 2,
      hint: "weft init FOLDER makes it in a new folder.",
      cause: thrown,
    });
  }
  const into = folder === "." ? "" : `cd ${folder} && `;
  io.stderr.write(`Made ${written.length} files in ${path}\n`);
  io.stdout.write(`${into}npm install && npm test && npm start\n`);
}

/** As `dependencies` has it: a tarball is found from the project's folder, whichever folder it was named from. */
function packageSpec(cwd: string, project: string, spec: string): string {
  const isFile = /\.(tgz|tar\.gz)$/.test(spec) && !/^[a-z+]+:/.test(spec);
  return isFile ? `file:${relative(project, resolve(cwd, spec)).split(sep).join("/")}` : spec;
}
