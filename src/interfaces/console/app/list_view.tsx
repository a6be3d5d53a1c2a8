/** The list of executions, with filters that stand in the address. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ListedRun, RunPage, SpaceMessage, StatusCounts } from "../wire.ts";
import { ask, follow, sentence } from "./api.ts";
import { Badge, Sure, Trouble } from "./parts.tsx";
import { ago, duration, moment, runLink } from "./shown.ts";

const statuses = ["Pending", "Running", "Completing", "Canceling", "Succeeded", "Failed", "Canceled"];
const PAGE = 50;
/** A list that changes is read again not more often than so, milliseconds. */
const REFRESH_MS = 1_000;
const COUNTS_MS = 4_000;

/** The list. `query`: what stands behind `?` in the address. */
export function ListView({ query }: { readonly query: URLSearchParams }) {
  const [rows, setRows] = useState<readonly ListedRun[] | undefined>(undefined);
  const [next, setNext] = useState<string | undefined>(undefined);
  const [counts, setCounts] = useState<StatusCounts["counts"]>({});
  const [trouble, setTrouble] = useState("");
  const text = query.toString();
  const hasMore = useRef(false);
  const load = async (after?: string) => {
    try {
      const page = await ask<RunPage>("executions/list", {
        ...filtersOf(query),
        limit: PAGE,
        ...(after === undefined ? {} : { next: after }),
      });
      setRows((before) => after === undefined ? page.executions : [...before ?? [], ...page.executions]);
      hasMore.current = after !== undefined;
      setNext(page.next);
      setTrouble("");
    } catch (failure) {
      setTrouble(sentence(failure));
    }
  };
  const count = () => void ask<StatusCounts>("executions/counts", {}).then((read) => setCounts(read.counts), () => {});
  useEffect(() => {
    void load();
    count();
    return followed(() => hasMore.current ? undefined : void load(), count);
  }, [text]);
  return (
    <main>
      <h1>Executions</h1>
      <Filters query={query} counts={counts} />
      <Trouble text={trouble} />
      <div class="scroll" tabIndex={0} role="region" aria-label="Executions">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Workflow</th>
              <th scope="col">Status</th>
              <th scope="col">Started</th>
              <th scope="col">Took</th>
              <th scope="col">Error</th>
            </tr>
          </thead>
          <tbody>{(rows ?? []).map((row) => <Row key={row.executionId} row={row} />)}</tbody>
        </table>
      </div>
      {rows?.length === 0 && (
        <p class="empty">
          No execution fits. <a href="#/definitions">Start one</a>.
        </p>
      )}
      {next !== undefined && <button type="button" onClick={() => void load(next)}>More</button>}
      {query.get("status") === "Failed" && (rows?.length ?? 0) > 0 && (
        <Batch
          rows={rows ?? []}
          onDone={() => void load()}
        />
      )}
    </main>
  );
}

function followed(load: () => void, count: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let counted = Date.now();
  const stop = follow<SpaceMessage>("", () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      load();
      if (Date.now() - counted < COUNTS_MS) return;
      counted = Date.now();
      count();
    }, REFRESH_MS);
  }, () => {});
  return () => {
    clearTimeout(timer);
    stop();
  };
}

function Row({ row }: { readonly row: ListedRun }) {
  const { executionId, name, workflow, status, timedOut, startedAt, endedAt, error } = row;
  return (
    <tr>
      <td>
        <a href={runLink(executionId)}>{name}</a>
      </td>
      <td>
        <a href={`#/definitions/${encodeURIComponent(workflow)}`}>{workflow}</a>
      </td>
      <td>
        <Badge status={timedOut ? "Timed out" : status} />
      </td>
      <td title={moment(startedAt)}>{ago(startedAt)}</td>
      <td>{endedAt === undefined ? "" : duration(Date.parse(endedAt) - Date.parse(startedAt))}</td>
      <td class="error">{error ?? ""}</td>
    </tr>
  );
}

const filterNames = ["workflow", "status", "since", "until", "prefix", "error", "text", "mapRun"] as const;

function filtersOf(query: URLSearchParams): object {
  const filters: Record<string, string> = {};
  for (const name of filterNames) {
    const value = query.get(name);
    if (value === null || value === "") continue;
    const isTime = name === "since" || name === "until";
    const time = isTime ? new Date(value) : undefined;
    if (time === undefined) filters[name] = value;
    else if (!Number.isNaN(time.getTime())) filters[name] = time.toISOString();
  }
  return filters;
}

function Filters({ query, counts }: { readonly query: URLSearchParams; readonly counts: StatusCounts["counts"] }) {
  const put = (name: string, value: string) => {
    const changed = new URLSearchParams(query);
    if (value === "") changed.delete(name);
    else changed.set(name, value);
    history.replaceState(null, "", `#/executions?${changed}`);
    dispatchEvent(new HashChangeEvent("hashchange"));
  };
  const search = (name: string, label: string) => (
    <label>
      {label}
      <input
        type="search"
        name={name}
        value={query.get(name) ?? ""}
        onChange={(event) => put(name, event.currentTarget.value)}
      />
    </label>
  );
  const time = (name: string, label: string) => (
    <label>
      {label}
      <input
        type="datetime-local"
        name={name}
        value={query.get(name) ?? ""}
        onChange={(event) => put(name, event.currentTarget.value)}
      />
    </label>
  );
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()} aria-label="Filters">
      <div class="chips" role="group" aria-label="Status">
        <button type="button" aria-pressed={!query.has("status")} onClick={() => put("status", "")}>All</button>
        {statuses.map((status) => (
          <button
            key={status}
            type="button"
            aria-pressed={query.get("status") === status}
            onClick={() => put("status", status)}
          >
            {status} {shownCount(counts[status])}
          </button>
        ))}
      </div>
      {search("text", "Search")}
      {search("workflow", "Workflow")}
      {search("prefix", "Name begins with")}
      {search("error", "Error")}
      {time("since", "Since")}
      {time("until", "Until")}
      {query.has("mapRun") && (
        <button type="button" onClick={() => put("mapRun", "")}>Only a Map Run's: show all</button>
      )}
    </form>
  );
}

function shownCount(count: { readonly count: number; readonly atLeast: boolean } | undefined): string {
  return count === undefined ? "" : `${count.count.toLocaleString()}${count.atLeast ? "+" : ""}`;
}

/** Redrives all that are shown, one after the other. */
function Batch({ rows, onDone }: { readonly rows: readonly ListedRun[]; readonly onDone: () => void }) {
  const [told, setTold] = useState("");
  const redrive = async () => {
    let refused = 0;
    for (const { executionId } of rows) {
      try {
        await ask("executions/redrive", { executionId });
      } catch {
        refused++;
      }
    }
    setTold(`${rows.length - refused} redriven, ${refused} cannot be`);
    onDone();
  };
  return (
    <p>
      <Sure
        label={`Redrive ${rows.length}`}
        question={`Redrive the ${rows.length} executions above?`}
        onYes={() => void redrive()}
      />
      <span role="status">{told}</span>
    </p>
  );
}
