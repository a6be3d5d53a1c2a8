/** The documents' site: `docs/` as it is (`npm run site` copies it beside this folder), with a search; a dead link fails the build. Files outside of `docs/` are named without a link. */
import { readdirSync } from "node:fs";
import { defineConfig } from "vitepress";

const docs = new URL("../docs/", import.meta.url);
const page = (text, link) => ({ text, link });
const pagesIn = (folder) =>
  readdirSync(new URL(folder, docs)).filter((name) => name.endsWith(".md") && !name.startsWith("0000-")).toSorted().map(
    (name) => page(name.slice(0, -".md".length), `/${folder}${name.slice(0, -".md".length)}`),
  );

export default defineConfig({
  srcDir: "docs",
  srcExclude: ["adr/0000-template.md"],
  outDir: "../.cache/site",
  cacheDir: "../.cache/vitepress",
  rewrites: { "getting_started.md": "index.md" },
  title: "Weft",
  description: "Step Functions that you run yourself",
  lang: "en",
  markdown: {
    // Documents are plain Markdown: what looks like a tag or an expression of Vue is a text.
    html: false,
    config: (markdown) => {
      for (const rule of ["text", "code_inline"]) escapeBraces(markdown, rule);
      unlinkOutside(markdown);
    },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    sidebar: [
      {
        text: "To begin",
        items: [
          page("Getting started", "/"),
          page("Testing", "/testing"),
          page("First worker in Python", "/first_worker_python"),
          page("First worker in Go", "/first_worker_go"),
          page("From AWS", "/from_aws"),
          page("From Step Functions Local", "/from_step_functions_local"),
        ],
      },
      {
        text: "To run it",
        items: [
          page("Deployment", "/deployment"),
          page("Clusters", "/cluster"),
          page("Configuration", "/configuration"),
          page("Limits", "/limits"),
          page("Console", "/console"),
        ],
      },
      {
        text: "To look up",
        items: [
          page("Command line", "/cli"),
          page("Language", "/language"),
          page("Integrations", "/integrations"),
          page("Map Runs", "/map_runs"),
          page("AWS API", "/aws"),
          page("What differs", "/differences"),
          page("Protocol", "/protocol"),
          page("Architecture", "/architecture"),
        ],
      },
      { text: "Errors", collapsed: true, items: [page("All", "/errors"), ...pagesIn("errors/")] },
      { text: "Decisions", collapsed: true, items: pagesIn("adr/") },
    ],
  },
});

/** Vue would evaluate `{{ … }}`. */
function escapeBraces(markdown, rule) {
  const render = markdown.renderer.rules[rule];
  markdown.renderer.rules[rule] = (...args) => render(...args).replaceAll("{{", "&#123;&#123;");
}

/** Links to files of the repository that are no documents stay as text: it has no public address yet. */
function unlinkOutside(markdown) {
  markdown.core.ruler.push("unlink_outside", ({ tokens, env }) => {
    const folders = (env.relativePath ?? "").split("/").length - 1;
    const isOutside = (href) => href.startsWith("../".repeat(folders + 1)) || /^(\.\.\/)*adr\/$/.test(href);
    for (const { children } of tokens) {
      let isOpen = false;
      for (const token of children ?? []) {
        if (token.type === "link_open" && isOutside(token.attrGet("href") ?? "")) {
          isOpen = true;
          [token.tag, token.attrs] = ["span", null];
        } else if (token.type === "link_close" && isOpen) {
          isOpen = false;
          token.tag = "span";
        }
      }
    }
  });
}
