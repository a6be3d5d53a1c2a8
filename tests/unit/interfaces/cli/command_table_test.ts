import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Command } from "commander";
import type { CommandScope } from "../../../../src/interfaces/cli/command_scope.ts";
import { commandGroups } from "../../../../src/interfaces/cli/command_table.ts";
import { plainPaint } from "../../../../src/interfaces/cli/output/paint.ts";
import { FakeHomes } from "../../../support/cli/fake_homes.ts";
import { FakeIo } from "../../../support/cli/fake_io.ts";

const scope: CommandScope = {
  io: new FakeIo(),
  homes: new FakeHomes(),
  paint: plainPaint,
  errPaint: plainPaint,
  exitCode: 0,
};

for (const entry of commandGroups.flatMap(({ commands }) => commands)) {
  test(`the list of commands says of ${entry.name} what the command says of itself`, async () => {
    const program = new Command();
    await entry.add(program, scope);
    const usage = (command: Command) => command.usage().replace("[options] [command]", "…").replace("[options] ", "");
    deepStrictEqual(
      program.commands.filter((command) => command.name() !== "complete").map((
        command,
      ) => [command.name(), command.summary(), usage(command)]),
      [[entry.name, entry.summary, entry.usage]],
    );
  });
}
