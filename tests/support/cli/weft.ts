import { strictEqual } from "node:assert/strict";
import { runCli } from "../../../src/interfaces/cli/mod.ts";
import { FakeHomes } from "./fake_homes.ts";
import { FakeIo } from "./fake_io.ts";

/** A command that runs or ran. */
export interface Ran {
  readonly io: FakeIo;
  readonly homes: FakeHomes;
  /** The exit status; fails if anything was left open or listening. */
  readonly exitCode: Promise<number>;
}

/** Starts a command over fakes, which `prepare` may set up. */
export function begin(
  argv: readonly string[],
  prepare: (world: { readonly io: FakeIo; readonly homes: FakeHomes }) => void = () => {},
): Ran {
  const io = new FakeIo();
  const homes = new FakeHomes();
  prepare({ io, homes });
  const exitCode = runCli(argv, homes, io).then((code) => {
    strictEqual(homes.openCount, 0, "something was left open");
    strictEqual(homes.subscriberCount, 0, "a subscription was left");
    strictEqual(io.listenerCount, 0, "a listener was left");
    return code;
  });
  return { io, homes, exitCode };
}

/** Runs a command to its end. */
export async function weft(argv: readonly string[], prepare?: Parameters<typeof begin>[1]) {
  const { io, homes, exitCode } = begin(argv, prepare);
  const code = await exitCode;
  return { code, out: io.stdout.text, err: io.stderr.text, io, homes };
}

/** The one error on stderr of a command with `--json`. */
export function errorOf(
  err: string,
): { readonly code: string; readonly message: string; readonly [field: string]: unknown } {
  return (JSON.parse(err) as { readonly error: { readonly code: string; readonly message: string } }).error;
}

/** A state machine of one Task, as the fake engine wants it. */
export function taskDefinition(resource: string): string {
  return JSON.stringify({ StartAt: "Do", States: { Do: { Type: "Task", Resource: resource, End: true } } });
}
