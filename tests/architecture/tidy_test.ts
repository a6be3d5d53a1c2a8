import { ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { programPath, projectFiles, root, textOf } from "./project_files.ts";

const bannedWords = ["utils", "util", "common", "helper", "helpers", "manager", "service", "data", "info"];
const files = projectFiles();
const typescriptFiles = files.filter((path) => path.endsWith(".ts"));
const proseFiles = files.filter((path) =>
  /\.(ts|json|md|ya?ml|sh|conf)$|^(Dockerfile|\.ci\/run)$/.test(path) && path !== "package-lock.json"
);
/** These files name what they forbid. */
const checkFiles = (path: string): boolean => path.startsWith("tests/architecture/");

interface LintFinding {
  readonly code: string;
  readonly filename: string;
  readonly message: string;
  readonly hint: string | null;
  readonly range: { readonly start: { readonly line: number } };
}

function none(findings: readonly string[], advice: string): void {
  ok(findings.length === 0, `${advice}:\n  ${findings.join("\n  ")}\n`);
}

/** `path:line` of every line of these files that fits. */
function linesThatFit(paths: readonly string[], pattern: RegExp): readonly string[] {
  return paths.flatMap((path) =>
    textOf(path).split("\n").flatMap((line, index) =>
      pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : []
    )
  );
}

test("files and folders have snake_case names made of telling words", () => {
  const findings = typescriptFiles.filter((path) => {
    const names = path.replace(/\.ts$/, "").split("/").slice(path.startsWith(".") ? 1 : 0);
    return names.some((name) =>
      !/^[a-z0-9]+(_[a-z0-9]+)*$/.test(name.replace(/\.asl$/, "")) ||
      name.split("_").some((word) => bannedWords.includes(word))
    );
  });
  none(findings, `Name these in snake_case after the one thing they hold, without ${bannedWords.join(", ")}`);
});

test("nothing is left for later in a comment", () => {
  const pattern = /\b(TODO|FIXME|XXX|HACK)\b/;
  none(
    linesThatFit(proseFiles.filter((path) => !checkFiles(path)), pattern),
    "Do it, or write down what is missing in an issue",
  );
});

test("types are not switched off", () => {
  const pattern = /@ts-(ignore|expect-error|nocheck)|deno-lint-ignore-file|\bas any\b|:\s*any\b(?!\w)|<any>/;
  const findings = linesThatFit(typescriptFiles.filter((path) => !checkFiles(path)), pattern).filter((line) =>
    !/:\d+: (\*|\/\/|\/\*)/.test(line)
  );
  none(findings, "Say what the value is: a schema at the edge, a type guard, or a better type where it comes from");
});

test("an exception from the linter has a reason", () => {
  const findings = linesThatFit(typescriptFiles.filter((path) => !checkFiles(path)), /deno-lint-ignore/).filter((
    line,
  ) => !/ -- \S/.test(line));
  none(findings, "Write the reason behind it: // deno-lint-ignore RULE -- why this place is different");
});

test("no file names a folder of somebody's machine", () => {
  const pattern = /(^|[\s"'`(=:])\/(work|root|Users|home)(\/\w|["'`)]|$)/;
  none(
    linesThatFit(proseFiles.filter((path) => !checkFiles(path)), pattern),
    "Use a path from the project's root, a setting, or the system's folder for temporary files",
  );
});

test("tests are where they are found: in tests/, in files called …_test.ts", () => {
  const findings = typescriptFiles.filter((path) => {
    const isTest = path.startsWith("tests/") && path.endsWith("_test.ts");
    const usesRunner = /from "node:test"/.test(textOf(path));
    return isTest
      ? !usesRunner && !/testExamples|test[A-Z]\w*Contract/.test(textOf(path))
      // What `weft init` writes has a test of the user's in it.
      : usesRunner && !path.startsWith("tests/") && path !== "src/interfaces/cli/init/project_files.ts";
  });
  none(findings, "Call the file …_test.ts and put it into tests/, or take node:test out of it");
});

test("links in documents lead to files", () => {
  const documents = files.filter((path) => path.endsWith(".md"));
  const findings = documents.flatMap((path) =>
    [...textOf(path).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .filter(([, target = ""]) => !existsSync(join(root, dirname(path), target)))
      .map(([, target]) => `${path} links to ${target}`)
  );
  none(findings, "Mend the link, or write what it promises");
});

test("the linter finds nothing, by Deno's rules and by this project's own", async () => {
  none(
    (await lint()).map((it) => `${it.filename.replace(root, "")}:${it.range.start.line} ${it.message} (${it.code})`),
    "npm run lint says what to do about each",
  );
});

function lint(): Promise<readonly LintFinding[]> {
  return new Promise((resolve, reject) => {
    execFile(programPath("deno"), ["lint", "--json"], { cwd: root, maxBuffer: 1 << 28 }, (_failure, stdout, stderr) => {
      try {
        const report: { diagnostics: LintFinding[] } = JSON.parse(stdout);
        resolve(
          report.diagnostics.map((it) => ({
            ...it,
            filename: decodeURIComponent(it.filename.replace(/^file:\/\//, "")),
          })),
        );
      } catch {
        reject(new Error(`deno lint gave no report: ${stderr.slice(0, 2_000)}`));
      }
    });
  });
}
