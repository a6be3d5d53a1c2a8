/**
 * The rules of the house that need a syntax tree, as a plugin of `deno lint`: editors show them where they are broken.
 *
 * An exception is made in place, with its reason: `// deno-lint-ignore weft/no-timers-in-tests -- why`.
 * `tidy_test.ts` runs the plugin as well and refuses an exception without a reason.
 */

/** A node of the linter's tree: ESTree with TypeScript's nodes. */
interface SyntaxNode {
  readonly type: string;
  readonly range: readonly [number, number];
  readonly parent?: SyntaxNode;
  readonly [field: string]: unknown;
}

interface RuleContext {
  readonly filename: string;
  readonly sourceCode: { readonly text: string };
  report(finding: { readonly node: SyntaxNode; readonly message: string; readonly hint?: string }): void;
}

type Visitor = Record<string, (node: SyntaxNode) => void>;
interface Rule {
  create(context: RuleContext): Visitor;
}

const FUNCTION_LINES_MAX = 70;
const root = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const pureFolders = ["src/values/", "src/language/", "src/protocol/", "actors/"];
const pureEffectModules = ["Schema", "Result", "Option"];
/** Where the runtime's own globals may be met: the edges. Adapters are the folders below a port's folder. */
const edges =
  /^(src\/main\.ts|src\/interfaces\/|src\/nats\/|src\/integrations\/|src\/(log|storage|tasks)\/[a-z_]+\/|tests\/|scripts\/)/;
const edgeGlobals = ["Deno", "process", "fetch"];
const impureGlobals = [
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "performance",
  "crypto",
  "require",
  "WebSocket",
  "localStorage",
];

/** Path from the project's root, with `/`. */
function pathOf(context: RuleContext): string {
  return context.filename.replaceAll("\\", "/").replace(root, "");
}

function startsWithOneOf(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(folder));
}

function child(node: SyntaxNode, field: string): SyntaxNode | undefined {
  const value = node[field];
  return typeof value === "object" && value !== null && "type" in value ? value as SyntaxNode : undefined;
}

function children(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  const value = node[field];
  return Array.isArray(value) ? value : [];
}

function nameOf(node: SyntaxNode | undefined): string | undefined {
  const name = node?.type === "PrivateIdentifier" ? undefined : node?.name;
  return typeof name === "string" ? name : undefined;
}

/** True where an identifier is only a label: a key, a member's name, a part of an import or export. */
function isLabel(node: SyntaxNode): boolean {
  const parent = node.parent;
  if (parent === undefined) return false;
  if (parent.type === "MemberExpression") return child(parent, "property") === node && parent.computed !== true;
  if (parent.type === "Property") return child(parent, "key") === node && parent.shorthand !== true;
  return /^(TS|Import|Export|Method|PropertyDefinition|Label)/.test(parent.type);
}

const functionLines: Rule = {
  create(context) {
    const check = (node: SyntaxNode): void => {
      const call = node.parent?.type === "CallExpression" ? node.parent : undefined;
      if (call !== undefined && ["describe", "suite"].includes(nameOf(child(call, "callee")) ?? "")) return;
      const lines = context.sourceCode.text.slice(node.range[0], node.range[1]).split("\n").length;
      if (lines <= FUNCTION_LINES_MAX) return;
      context.report({
        node,
        message: `This function has ${lines} lines, more than ${FUNCTION_LINES_MAX}`,
        hint: "Split it by command, state type or step, and name the parts",
      });
    };
    return { FunctionDeclaration: check, FunctionExpression: check, ArrowFunctionExpression: check };
  },
};

const documentedExports: Rule = {
  create(context) {
    if (!/^(src|actors)\//.test(pathOf(context))) return {};
    let previousName: string | undefined;
    const check = (node: SyntaxNode): void => {
      const declaration = child(node, "declaration");
      if (declaration === undefined) return;
      const name = nameOf(child(declaration, "id")) ?? nameOf(declarators(declaration)[0]);
      const isOverload = name !== undefined && name === previousName;
      previousName = name;
      if (isOverload || hasDocComment(context.sourceCode.text, node.range[0])) return;
      context.report({
        node,
        message: `The export ${name === undefined ? "" : `"${name}" `}has no doc comment`,
        hint: "Say in /** … */ what it is, with shapes, units and failures, for someone who sees only the comment",
      });
    };
    return { ExportNamedDeclaration: check, ExportDefaultDeclaration: check };
  },
};

function declarators(declaration: SyntaxNode): readonly (SyntaxNode | undefined)[] {
  return children(declaration, "declarations").map((declarator) => child(declarator, "id"));
}

/** True when a doc comment ends right before `position` (line comments for the linter may stand between). */
function hasDocComment(text: string, position: number): boolean {
  const before = text.slice(0, position).replace(/(\s*\/\/ deno-lint-ignore[^\n]*)+\s*$/, "").trimEnd();
  return before.endsWith("*/") && before.startsWith("/**", before.lastIndexOf("/*"));
}

const noCastThroughUnknown: Rule = {
  create(context) {
    return {
      TSAsExpression(node) {
        const inner = child(node, "expression");
        if (inner?.type !== "TSAsExpression" || child(inner, "typeAnnotation")?.type !== "TSUnknownKeyword") return;
        context.report({
          node,
          message: "A cast through unknown hides what the value is",
          hint: "Decode it with a schema, narrow it with a check, or type where it comes from",
        });
      },
    };
  },
};

const edgeGlobalsOnly: Rule = {
  create(context) {
    const path = pathOf(context);
    const isProduct = /^(src|actors)\//.test(path);
    const forbidden = new Map<string, string>();
    if (!edges.test(path)) {
      for (const name of edgeGlobals) {
        forbidden.set(name, "Take it as a parameter, or use a node: module that runs on both");
      }
    }
    if (isProduct) forbidden.set("console", "Log through Effect's logger; a command line writes to its own streams");
    if (startsWithOneOf(path, pureFolders)) {
      for (const name of impureGlobals) forbidden.set(name, "This folder is pure: what is drawn comes in as input");
    }
    const uses: SyntaxNode[] = [];
    const declared = new Set<string>();
    return {
      Identifier(node) {
        const name = nameOf(node);
        if (name === undefined || !forbidden.has(name)) return;
        if (isDeclaration(node)) declared.add(name);
        else if (!isLabel(node)) uses.push(node);
      },
      "Program:exit"() {
        for (const node of uses) {
          const name = nameOf(node) ?? "";
          const hint = forbidden.get(name);
          if (declared.has(name) || hint === undefined) continue;
          context.report({ node, message: `"${name}" may not be used in ${path}`, hint });
        }
      },
    };
  },
};

/** True where the identifier is a local name: then the file's uses of it are not the global. */
function isDeclaration(node: SyntaxNode): boolean {
  const parent = node.parent;
  if (parent === undefined) return false;
  if (parent.type === "VariableDeclarator") return child(parent, "id") === node;
  if (/^Import.*Specifier$/.test(parent.type)) return child(parent, "local") === node;
  if (/Function/.test(parent.type)) return children(parent, "params").includes(node) || child(parent, "id") === node;
  return parent.type === "Property" && parent.parent?.type === "ObjectPattern" && child(parent, "value") === node;
}

const pureFoldersDrawNothing: Rule = {
  create(context) {
    if (!startsWithOneOf(pathOf(context), pureFolders)) return {};
    const report = (node: SyntaxNode, what: string): void =>
      context.report({
        node,
        message: `${what} in a pure folder`,
        hint: "What is drawn comes in as input and goes into the event",
      });
    return {
      MemberExpression(node) {
        const name = `${nameOf(child(node, "object"))}.${nameOf(child(node, "property"))}`;
        if (name === "Date.now" || name === "Math.random") report(node, name);
      },
      NewExpression(node) {
        if (nameOf(child(node, "callee")) === "Date" && children(node, "arguments").length === 0) {
          report(node, "new Date()");
        }
      },
      ImportDeclaration(node) {
        const source = child(node, "source")?.value;
        if (typeof source !== "string" || !/^effect(\/|$)/.test(source)) return;
        for (const specifier of children(node, "specifiers")) {
          const name = nameOf(child(specifier, "imported")) ?? nameOf(child(specifier, "local")) ?? "*";
          const isPure = source === "effect" && pureEffectModules.includes(name);
          if (!isPure && !pureEffectModules.some((module) => source === `effect/${module}`)) {
            report(specifier, `"${name}" of ${source}`);
          }
        }
      },
    };
  },
};

const noTimersInTests: Rule = {
  create(context) {
    if (!pathOf(context).startsWith("tests/")) return {};
    return {
      CallExpression(node) {
        const callee = child(node, "callee");
        const owner = nameOf(callee === undefined ? undefined : child(callee, "object"));
        const name = nameOf(callee) ?? nameOf(callee === undefined ? undefined : child(callee, "property"));
        const waits = name === "setTimeout" || name === "setInterval" || name === "sleep" ||
          (owner === "timers" && name === "wait");
        if (!waits) return;
        context.report({
          node,
          message: `A test waits for time by ${name}`,
          hint: "Wait for a message, an acknowledgement or a promise; move a test clock instead of waiting",
        });
      },
    };
  },
};

const noSkippedTests: Rule = {
  create(context) {
    const runners = ["test", "it", "describe", "suite"];
    const report = (node: SyntaxNode, what: string): void =>
      context.report({
        node,
        message: `${what} leaves tests out without a reason`,
        hint: 'Mend the test, or write { skip: "the reason" }',
      });
    return {
      MemberExpression(node) {
        const name = nameOf(child(node, "property")) ?? "";
        if (!["only", "skip", "todo"].includes(name)) return;
        if (runners.includes(nameOf(child(node, "object")) ?? "")) report(node, `.${name}`);
      },
      Property(node) {
        const name = nameOf(child(node, "key")) ?? "";
        if (!["only", "skip", "todo"].includes(name) || child(node, "value")?.value !== true) return;
        const call = node.parent?.parent;
        if (call?.type === "CallExpression" && runners.includes(nameOf(child(call, "callee")) ?? "")) {
          report(node, `${name}: true`);
        }
      },
    };
  },
};

/** Fields and methods that nobody else may touch are `#private`: the language holds that, not only the compiler. */
const hashPrivate: Rule = {
  create(context) {
    const check = (node: SyntaxNode): void => {
      if (!["private", "public"].includes(String(node.accessibility)) || node.kind === "constructor") return;
      context.report({
        node,
        message: `A member is ${String(node.accessibility)} to the compiler alone`,
        hint: "Call it #name where it is private, and write nothing where it is public",
      });
    };
    return { PropertyDefinition: check, MethodDefinition: check };
  },
};

/** A number or a text that a module names at its top is a constant, and looks like one. In tests a text may be a sample. */
const upperCaseConstants: Rule = {
  create(context) {
    const path = pathOf(context);
    return {
      VariableDeclarator(node) {
        const declaration = node.parent;
        const place = declaration?.parent?.type;
        if (declaration?.kind !== "const" || (place !== "Program" && place !== "ExportNamedDeclaration")) return;
        const name = nameOf(child(node, "id"));
        const kind = literalKind(child(node, "init"));
        if (name === undefined || kind === undefined || /^[A-Z][A-Z0-9_]*$/.test(name)) return;
        if (kind === "text" && path.startsWith("tests/")) return;
        context.report({
          node,
          message: `The constant "${name}" looks like a variable`,
          hint: "Call a module's numbers and texts in UPPER_CASE, with the unit at the end",
        });
      },
    };
  },
};

/** What an expression of literals, and of constants in UPPER_CASE, comes to; `undefined` where it is none. */
function literalKind(node: SyntaxNode | undefined): "number" | "text" | undefined {
  if (node === undefined) return undefined;
  if (node.type === "TemplateLiteral") {
    return children(node, "expressions").every((part) => literalKind(part) !== undefined) ? "text" : undefined;
  }
  if (node.type === "Identifier") return /^[A-Z][A-Z0-9_]+$/.test(nameOf(node) ?? "") ? "number" : undefined;
  if (node.type === "UnaryExpression") return literalKind(child(node, "argument"));
  if (node.type === "BinaryExpression") {
    const [left, right] = [literalKind(child(node, "left")), literalKind(child(node, "right"))];
    if (left === undefined || right === undefined) return undefined;
    return left === "text" || right === "text" ? "text" : "number";
  }
  if (node.type !== "Literal") return undefined;
  if (typeof node.value === "number" || typeof node.value === "bigint") return "number";
  return typeof node.value === "string" ? "text" : undefined;
}

/** What `deno.json` names under `lint.plugins`. */
export default {
  name: "weft",
  rules: {
    "function-lines": functionLines,
    "documented-exports": documentedExports,
    "no-cast-through-unknown": noCastThroughUnknown,
    "edge-globals-only": edgeGlobalsOnly,
    "pure-folders-draw-nothing": pureFoldersDrawNothing,
    "no-timers-in-tests": noTimersInTests,
    "no-skipped-tests": noSkippedTests,
    "hash-private": hashPrivate,
    "upper-case-constants": upperCaseConstants,
  },
};
