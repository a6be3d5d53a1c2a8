/** The command blocks of the documents, as readers see them, and a folder to run them in. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { root } from "../../../scripts/test_run.ts";

/** A block of shell commands. */
export interface CommandBlock {
  /** The document and the line that it begins with: `README.md: nats-server`. */
  readonly name: string;
  /** One command each, continued lines joined, comments removed. */
  readonly commands: readonly string[];
  readonly text: string;
}

/** Every block of `sh` in README.md, docs/ and examples/. */
export async function commandBlocks(): Promise<readonly CommandBlock[]> {
  const inFolder = async (folder: string) =>
    (await readdir(join(root, folder), { recursive: true })).filter((path) => path.endsWith(".md")).map((path) =>
      `${folder}/${path}`
    );
  const paths = ["README.md", ...await inFolder("docs"), ...await inFolder("examples")];
  const blocks = await Promise.all(
    paths.toSorted().map(async (path) => {
      const text = await readFile(join(root, path), "utf8");
      return [...text.matchAll(/^```(?:sh|bash|shell)\n(.*?)^```/gms)].map(([, block = ""]) => {
        const commands = commandsOf(block);
        return { name: `${path}: ${commands[0]?.slice(0, NAME_CHARACTERS) ?? ""}`, commands, text: block };
      });
    }),
  );
  return blocks.flat();
}

const NAME_CHARACTERS = 40;

function commandsOf(block: string): readonly string[] {
  const lines = block.replaceAll(/\s*\\\n\s*/g, " ").split("\n");
  return lines.map((line) => line.replace(/(^|\s+)# .*$/, "").replace(/\s+#$/, "").trim()).filter((line) =>
    line !== ""
  );
}

/**
 * A clean folder outside of the project with what a checkout has, and a `weft` in its path that runs on this test's runtime.
 *
 * @param files further ones, by path
 */
export async function makeCheckout(files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), "weft-documents-"));
  for (const path of ["src", "actors", "examples"]) await cp(join(root, path), join(folder, path), { recursive: true });
  for (const path of ["package.json", "deno.json"]) await cp(join(root, path), join(folder, path));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  await mkdir(join(folder, "bin"));
  const runtime = "Deno" in globalThis ? `"${process.execPath}" run -A --no-check` : `"${process.execPath}"`;
  await writeFile(join(folder, "bin", "weft"), `#!/bin/sh\nexec ${runtime} "${folder}/src/main.ts" "$@"\n`);
  await chmod(join(folder, "bin", "weft"), 0o755);
  return folder;
}

/** Commands of one reader: their terminals, and what they have said. */
export class Terminals {
  #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #programs: readonly string[];
  readonly #running: { readonly command: string; readonly pid: number; readonly ended: Promise<unknown> }[] = [];

  /** @param programs folders in which programs are looked for first; default: the checkout's, and the project's own tools */
  constructor(
    folder: string,
    env: Readonly<Record<string, string>>,
    programs: readonly string[] = [join(folder, "bin"), join(root, "node_modules", ".bin")],
  ) {
    this.#folder = folder;
    this.#env = env;
    this.#programs = programs;
  }

  /** From here on commands run in that folder of the present one. */
  enter(folder: string): void {
    this.#folder = join(this.#folder, folder);
  }

  /** Ends at once what was opened by this very command, if it still runs. */
  async kill(command: string): Promise<void> {
    for (const { pid, ended } of this.#running.filter((one) => one.command === command)) {
      if (signalGroup(pid, "SIGKILL")) await ended;
    }
  }

  /** Runs a command to its end. */
  async run(command: string): Promise<{ readonly status: number; readonly said: string; readonly stdout: string }> {
    const child = this.#start(command);
    const heard = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => heard.stdout += String(chunk));
    child.stderr.on("data", (chunk) => heard.stderr += String(chunk));
    const [status] = await once(child, "close");
    return { status: status ?? -1, said: `${heard.stdout}${heard.stderr}`, stdout: heard.stdout };
  }

  /** Starts a command that goes on, in a terminal of its own; resolves once it says `ready`. @throws {Error} it ends before */
  async open(command: string, ready: RegExp): Promise<void> {
    const child = this.#start(command);
    const ended = once(child, "close");
    if (child.pid !== undefined) this.#running.push({ command, pid: child.pid, ended });
    let said = "";
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const hear = (chunk: unknown) => {
      said += String(chunk);
      if (ready.test(said)) resolve();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    void ended.then(([status]) => reject(new Error(`"${command}" ended with ${status}: ${said}`)));
    await promise;
  }

  /** Ends what still runs, last opened first. */
  async close(): Promise<void> {
    for (const { pid, ended } of this.#running.reverse()) {
      signalGroup(pid, "SIGTERM");
      await ended;
    }
  }

  #start(command: string) {
    const path = [...this.#programs, process.env["PATH"]].join(delimiter);
    const own = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|NODE_TEST)/i.test(name));
    const env = { ...Object.fromEntries(own), ...this.#env, PATH: path, NO_COLOR: "1" };
    // A group of its own: npm does not pass signals on.
    return spawn("bash", ["-c", command], {
      cwd: this.#folder,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
}

/** False if all of the group have ended. */
function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
