/** The console: which page the address names, what is around it, and keys that lead from one to the other. */
import { signal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Overview } from "../wire.ts";
import { ask, isReachable, sentence } from "./api.ts";
import { DefinitionsView, DefinitionView } from "./definitions_view.tsx";
import { EngineView } from "./engine_view.tsx";
import { ListView } from "./list_view.tsx";
import { Trouble } from "./parts.tsx";
import { RunView } from "./run_view.tsx";
import { StartView } from "./start_view.tsx";

const address = signal(location.hash);
addEventListener("hashchange", () => {
  address.value = location.hash;
});

const pages = [
  { key: "e", name: "Executions", href: "#/executions" },
  { key: "d", name: "Definitions", href: "#/definitions" },
  { key: "n", name: "Engine", href: "#/engine" },
] as const;

addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const page = pages.find(({ key }) => key === event.key);
  if (page !== undefined) location.hash = page.href;
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector<HTMLInputElement>("input[type=search]")?.focus();
  }
  if (event.key === "Escape") document.querySelector<HTMLButtonElement>('button[aria-label^="Close"]')?.click();
});

function App() {
  const [overview, setOverview] = useState<Overview | undefined>(undefined);
  const { path, query } = placeOf(address.value);
  useEffect(() => void ask<Overview>("overview").then(setOverview, () => {}), []);
  useEffect(() => {
    document.title = `${path.split("/").at(-1) || "Executions"} · Weft`;
  }, [path]);
  return (
    <>
      <nav aria-label="Pages">
        <a class="brand" href="#/executions">Weft</a>
        {pages.map(({ key, name, href }) => (
          <a
            key={key}
            href={href}
            aria-current={href.startsWith(`#${path.slice(0, 5)}`) ? "page" : undefined}
            title={`Key: ${key}`}
          >
            {name}
          </a>
        ))}
        <span class="faint home">{overview === undefined ? "" : `${overview.home} · ${overview.version}`}</span>
      </nav>
      {!isReachable.value && <p class="lost" role="alert">The server does not answer; it is asked again.</p>}
      <Page path={path} query={query} overview={overview} />
    </>
  );
}

function Page({ path, query, overview }: {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly overview: Overview | undefined;
}) {
  const [, page = "", ...rest] = path.split("/");
  const name = decoded(rest.join("/"));
  switch (page) {
    case "execution":
      return <RunView key={name} executionId={`/${name}`} />;
    case "arn":
      return <ByArn arn={name} />;
    case "definitions":
      return name === "" ? <DefinitionsView /> : <DefinitionView key={name} name={name} />;
    case "start":
      return <StartView key={name} name={name} like={query.get("like")} />;
    case "engine":
      return <EngineView overview={overview} />;
    default:
      return <ListView query={query} />;
  }
}

/** An execution by its ARN: what other executions' payloads know it by. */
function ByArn({ arn }: { readonly arn: string }) {
  const [trouble, setTrouble] = useState("");
  useEffect(() =>
    void ask<{ readonly executionId: string }>("executions/find", { arn }).then(
      ({ executionId }) => location.replace(`#/execution${executionId}`),
      (failure) => setTrouble(sentence(failure)),
    ), [arn]);
  return (
    <main>
      <h1>Execution</h1>
      <Trouble text={trouble} />
    </main>
  );
}

function placeOf(hash: string): { readonly path: string; readonly query: URLSearchParams } {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  return { path, query: new URLSearchParams(query) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
