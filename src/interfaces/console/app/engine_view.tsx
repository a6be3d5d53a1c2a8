/** The engine: its nodes, who leads which partition, what waits for workers, what is parked, and what is to be done. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { EngineStatus, Overview, SpaceMessage } from "../wire.ts";
import { ask, follow, sentence } from "./api.ts";
import { Badge, Trouble } from "./parts.tsx";
import { duration, runLink } from "./shown.ts";

const REFRESH_MS = 5_000;
/** Rates are of so many of the newest seconds. */
const RATE_SECONDS = 10;
const MEBIBYTE = 1_048_576;
/** Clocks further apart are shown as wrong. */
const CLOCK_MS_MAX = 500;

/** The page of the engine. */
export function EngineView({ overview }: { readonly overview: Overview | undefined }) {
  const [status, setStatus] = useState<EngineStatus | undefined>(undefined);
  const [trouble, setTrouble] = useState("");
  const rate = useTurnRate();
  useEffect(() => {
    const read = () =>
      ask<EngineStatus>("engine").then(
        (it) => {
          setStatus(it);
          setTrouble("");
        },
        (failure) => setTrouble(sentence(failure)),
      );
    void read();
    const timer = setInterval(() => void read(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <main>
      <h1>Engine</h1>
      <Trouble text={trouble} />
      <dl class="facts">
        <dt>Version</dt>
        <dd>{overview?.version}</dd>
        <dt>Home</dt>
        <dd>{overview?.home}</dd>
        <dt>Account and region</dt>
        <dd>{overview?.tenant} / {overview?.namespace}</dd>
        <dt>Turns a second here</dt>
        <dd>{rate.toLocaleString()}</dd>
      </dl>
      {status === undefined ? null : (
        <>
          <Nodes status={status} />
          <Backlogs status={status} />
          <Parked status={status} />
          <Partitions status={status} />
          <Findings status={status} />
        </>
      )}
    </main>
  );
}

/** Turns a second of this space, over the newest seconds. */
function useTurnRate(): number {
  const [rate, setRate] = useState(0);
  useEffect(() => {
    const seconds: number[] = [];
    let now = 0;
    const stop = follow<SpaceMessage>("", ({ turns }) => now += turns, () => {});
    const timer = setInterval(() => {
      seconds.push(now);
      now = 0;
      if (seconds.length > RATE_SECONDS) seconds.shift();
      setRate(Math.round(seconds.reduce((sum, one) => sum + one, 0) / seconds.length));
    }, 1_000);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, []);
  return rate;
}

function Table({ name, columns, children }: {
  readonly name: string;
  readonly columns: readonly string[];
  readonly children: ComponentChildren;
}) {
  return (
    <section aria-label={name}>
      <h2>{name}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Table of ${name.toLowerCase()}`}>
        <table class="list">
          <thead>
            <tr>{columns.map((column) => <th scope="col" key={column}>{column}</th>)}</tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </div>
    </section>
  );
}

interface Shown {
  readonly status: EngineStatus;
}

function Nodes({ status }: Shown) {
  return (
    <Table
      name="Nodes"
      columns={["Node", "Leads", "Follows", "Executions in memory", "Memory", "Up for", "Version", "Clock"]}
    >
      {status.nodes.map(({ node, version, uptimeMs, residentBytes, clockOffsetMs, partitions }) => (
        <tr key={node}>
          <td>{node}</td>
          <td>{partitions.filter(({ kind }) => kind === "leading").length}</td>
          <td>{partitions.filter(({ kind }) => kind === "following").length}</td>
          <td>{partitions.reduce((sum, { executions }) => sum + executions, 0).toLocaleString()}</td>
          <td>{Math.round(residentBytes / MEBIBYTE).toLocaleString()} MiB</td>
          <td>{duration(uptimeMs)}</td>
          <td>{version}</td>
          <td class={Math.abs(clockOffsetMs) > CLOCK_MS_MAX ? "error" : ""}>{Math.round(clockOffsetMs)} ms</td>
        </tr>
      ))}
    </Table>
  );
}

function Backlogs({ status }: Shown) {
  if (status.backlogs.length === 0) {
    return (
      <section aria-label="Tasks">
        <h2>Tasks</h2>
        <p>No task waits.</p>
      </section>
    );
  }
  return (
    <Table name="Tasks" columns={["Task type", "Account and region", "Waiting", "In work", "Oldest", "Workers asking"]}>
      {status.backlogs.map(({ tenant, namespace, resource, waiting, inWork, workersAsking, oldestAtEpochMs }) => (
        <tr key={`${tenant}/${namespace}/${resource}`}>
          <td>{resource}</td>
          <td>{tenant} / {namespace}</td>
          <td>{waiting.toLocaleString()}</td>
          <td>{inWork.toLocaleString()}</td>
          <td>{oldestAtEpochMs === undefined ? "" : duration(Math.max(0, Date.now() - oldestAtEpochMs))}</td>
          <td class={waiting > 0 && workersAsking === 0 ? "error" : ""}>{workersAsking.toLocaleString()}</td>
        </tr>
      ))}
    </Table>
  );
}

function Parked({ status }: Shown) {
  const parked = status.nodes.flatMap(({ node, partitions }) =>
    partitions.filter(({ kind }) => kind === "leading")
      .flatMap((it) => it.parked.map((one) => ({ ...one, node, partition: it.partition })))
  );
  const count = status.nodes.flatMap(({ partitions }) => partitions).filter(({ kind }) => kind === "leading")
    .reduce((sum, { parkedCount }) => sum + parkedCount, 0);
  if (count === 0) return null;
  return (
    <Table name={`Parked executions: ${count.toLocaleString()}`} columns={["Execution", "Why", "Partition", "Node"]}>
      {parked.map(({ executionId, why, partition, node }) => (
        <tr key={executionId}>
          <td>
            <a href={runLink(executionId)}>{executionId}</a>
          </td>
          <td class="error">{why}</td>
          <td>{partition}</td>
          <td>{node}</td>
        </tr>
      ))}
    </Table>
  );
}

function Partitions({ status }: Shown) {
  const rows = status.nodes.flatMap(({ node, partitions }) => partitions.map((it) => ({ ...it, node })))
    .filter(({ kind }) => kind !== "resting")
    .toSorted((a, b) => a.partition - b.partition || (a.kind === "leading" ? -1 : 1));
  const ends = new Map(
    rows.filter(({ kind }) => kind === "leading").map(({ partition, through }) => [partition, through]),
  );
  return (
    <Table
      name="Partitions"
      columns={["Partition", "Node", "Status", "Epoch", "Sequence", "Behind", "In line", "Incident"]}
    >
      {rows.map(({ node, partition, kind, epoch, incident, through, waiting }) => (
        <tr key={`${partition} ${node}`}>
          <td>{partition}</td>
          <td>{node}</td>
          <td>
            <Badge status={kind} />
          </td>
          <td>{epoch ?? ""}</td>
          <td>{through.toLocaleString()}</td>
          <td>
            {kind === "following" ? Math.max(0, (ends.get(partition) ?? through) - through).toLocaleString() : ""}
          </td>
          <td>{waiting.toLocaleString()}</td>
          <td class="error">{incident ?? ""}</td>
        </tr>
      ))}
    </Table>
  );
}

const words: Readonly<Record<string, string>> = {
  ok: "Good",
  warn: "Look at it",
  fail: "Must be done",
  unknown: "Not seen",
};

function Findings({ status: { findings } }: Shown) {
  if (findings === undefined) return null;
  return (
    <Table name="What weft doctor finds" columns={["What", "Judgement", "Finding", "What to do"]}>
      {findings.map(({ name, level, message, advice }) => (
        <tr key={`${name} ${message}`}>
          <td>{name}</td>
          <td class={level === "fail" ? "error" : ""}>{words[level] ?? level}</td>
          <td>{message}</td>
          <td>{advice ?? ""}</td>
        </tr>
      ))}
    </Table>
  );
}
