import { ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { weft } from "../../../support/cli/weft.ts";

const textOf = (path: string) => readFile(new URL(`../../../../${path}`, import.meta.url), "utf8");

/** Names of the subcommands that a help text lists. */
function commandsOf(help: string): string[] {
  return [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
}

test("docs/cli.md names every command and every option", async () => {
  const text = await textOf("docs/cli.md");
  const { out } = await weft(["--help"]);
  const names = commandsOf(out.slice(out.indexOf("Run here:"), out.indexOf("Commands:")));
  ok(names.length >= 10, names.join());
  for (const name of names) {
    ok(text.includes(`\n## ${name}\n`), name);
    const help = (await weft([name, "--help"])).out;
    const groups = help.includes("\nCommands:\n") ? commandsOf(help.slice(help.indexOf("\nCommands:\n"))) : [];
    for (const sub of groups) ok(text.includes(`weft ${name} ${sub}`), `${name} ${sub}`);
    const helps = [help, ...await Promise.all(groups.map(async (sub) => (await weft([name, sub, "--help"])).out))];
    for (const [option] of helps.join("\n").matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)) {
      ok(text.includes(option.trim().replace(/^-\w, /, "")), `${name} ${option}`);
    }
  }
});

test("the codes of the command line have pages", async () => {
  const list = await textOf("docs/errors.md");
  for (const code of ["Usage", "Unreachable", "ExecutionFailed", "ExecutionCanceled", "Failed", "Weft.CommandFailed"]) {
    ok(list.includes(`(errors/${code}.md)`), code);
    ok((await textOf(`docs/errors/${code}.md`)).startsWith(`# ${code}\n`), code);
  }
});
