// Goal: the walks of docs/architecture.md can be walked: every file, folder, script and symbol that it names is there.
// Method: each `code span` of the document is looked up: paths and file names in the tree, words in the code.
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { projectFiles, textOf } from "./project_files.ts";

const DOCUMENT = "docs/architecture.md";
const files = projectFiles();
const folders = new Set(files.flatMap(foldersOf));
const code = files.filter((path) =>
  /^(src|actors|scripts|tests)\/.*\.ts$/.test(path) && !path.endsWith("named_things_test.ts")
)
  .map(textOf).join("\n");
const words = new Set(code.match(/[A-Za-z_$][\w$]*/g));
const scripts: { readonly scripts: Record<string, string> } = JSON.parse(textOf("package.json"));

/** What the walks invent: an example's own names. */
const invented = [
  "QueueSeconds",
  "PauseTaskCommand",
  "TaskPausedEvent",
  "States.MathMax",
  "arn:aws:states:::sns:publish",
  "sns/",
];

function foldersOf(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** The spans between backticks outside fenced blocks, each once. */
function spansOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, "");
  return [...new Set([...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span))];
}

function isThere(span: string): boolean {
  if (/^npm (run )?[a-z]+$/.test(span)) return (span.split(" ").at(-1) ?? "") in scripts.scripts;
  if (span.includes("/") && !span.includes(" ")) return isPath(span);
  if (/^[\w.]+\.(ts|md|json|conf|yaml)$/.test(span)) {
    return files.some((path) => path === span || path.endsWith(`/${span}`));
  }
  // A word, a call or a type: what comes before `…`, or each name in it.
  const names = span.replace(/…$/, "").match(/[A-Za-z_$][\w$]*/g) ?? [];
  const isPrefix = span.endsWith("…");
  return names.length === 0 ||
    names.every((name, index) => isPrefix && index === names.length - 1 ? code.includes(name) : words.has(name));
}

/** A file or folder of the project, from its root; `*` stands for anything in one name, `{a,b}` for either. */
function isPath(span: string): boolean {
  const either = /^(.*)\{([^}]*)\}(.*)$/.exec(span);
  if (either !== null) {
    const [, before = "", names = "", after = ""] = either;
    return names.split(",").every((name) => isPath(`${before}${name}${after}`));
  }
  const path = span.replace(/\/$/, "").replace(/\/…$/, "");
  const pattern = new RegExp(`^(.*/)?${path.replaceAll(/[.$^+?()[\]]/g, "\\$&").replaceAll("*", "[^/]*")}$`);
  return folders.has(path) || files.includes(path) ||
    (path.includes("*") && [...folders, ...files].some((it) => pattern.test(it)));
}

test(`everything that ${DOCUMENT} names is there`, () => {
  const missing = spansOf(textOf(DOCUMENT)).filter((span) =>
    !invented.some((name) => span.includes(name)) && !isThere(span)
  );
  ok(missing.length === 0, `Mend what the document says, or give these back their names:\n  ${missing.join("\n  ")}\n`);
});
