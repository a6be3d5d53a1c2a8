import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../../../src/main.ts", import.meta.url));
const runtime = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
const weft = [process.execPath, ...runtime, main].map((word) => `'${word}'`).join(" ");

/** True where the shell is there: minimal machines have bash alone. */
const isThere = (shell: string) => spawnSync(shell, ["--version"]).status === 0;

/** What bash offers for a line, the cursor at its end, without an installed bash-completion. */
function offered(words: readonly string[]): string[] {
  const script = `weft() { ${weft} "$@"; }
    source <(weft completion bash)
    complete -p weft >&2
    compopt() { :; }
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
    COMP_LINE='${words.join(" ")}'; COMP_POINT=\${#COMP_LINE}
    __weft_complete
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const run = spawnSync("bash", ["--norc", "--noprofile", "-c", script], { encoding: "utf8" });
  strictEqual(run.status, 0, run.stderr);
  ok(run.stderr.includes("complete -F __weft_complete weft"), run.stderr);
  return run.stdout.split("\n").filter((line) => line !== "");
}

test("bash completes commands, their commands and their options", { skip: !isThere("bash") }, () => {
  deepStrictEqual(offered(["weft", "exec"]), ["executions"]);
  ok(offered(["weft", "executions", ""]).includes("describe"));
  ok(offered(["weft", "executions", "list", "--sta"]).includes("--status"));
});

for (const shell of ["zsh", "fish"]) {
  test(`${shell} understands its script`, { skip: !isThere(shell) }, () => {
    const script = spawnSync(process.execPath, [...runtime, main, "completion", shell], { encoding: "utf8" });
    strictEqual(script.status, 0, script.stderr);
    const run = spawnSync(shell, ["-n"], { input: script.stdout, encoding: "utf8" });
    strictEqual(run.status, 0, run.stderr);
  });
}
