/** One execution: how it stands, its graph, timeline and events, and what can be done about it. */
import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { RunDetail, RunEvent } from "../wire.ts";
import { ask, sentence, textOf } from "./api.ts";
import { EventTable } from "./event_table.tsx";
import { FollowedRun, spaceOf } from "./follow_run.ts";
import { statesOf } from "./graph_layout.ts";
import { GraphView } from "./graph_view.tsx";
import { Badge, JsonView, Sure, Trouble } from "./parts.tsx";
import { ago, duration, moment } from "./shown.ts";
import { StatePanel } from "./state_panel.tsx";
import { TimelineView } from "./timeline_view.tsx";

type Tab = "Graph" | "Timeline" | "Events" | "Input and output";
const tabs: readonly Tab[] = ["Graph", "Timeline", "Events", "Input and output"];
const ended = ["Succeeded", "Failed", "Canceled"];

/** The page of an execution. */
export function RunView({ executionId }: { readonly executionId: string }) {
  const run = useMemo(() => new FollowedRun(executionId), [executionId]);
  useEffect(() => () => run.close(), [run]);
  const [tab, setTab] = useState<Tab>("Graph");
  const [selected, setSelected] = useState<string | undefined>(undefined);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const [event, setEvent] = useState<RunEvent | undefined>(undefined);
  const version = run.version.value;
  const definition = run.definition.value;
  const states = useComputed(() => run.definition.value === undefined ? undefined : statesOf(run.definition.value));
  const { model } = run;
  const select = (name: string, activityId?: string) => {
    setSelected(name);
    setChosen(activityId);
    setEvent(undefined);
  };
  const open = async ({ id }: RunEvent) => {
    const whole = await ask<RunEvent>("executions/event", { executionId, event: id, ...spaceOf(executionId) });
    setSelected(undefined);
    setEvent(whole);
  };
  return (
    <main>
      <RunHead run={run} version={version} onFailed={(name) => select(name)} />
      <Trouble text={run.trouble.value} />
      <Views tab={tab} onChoose={setTab} />
      <div class="split">
        <div class="wide" role="tabpanel" aria-label={tab} data-version={version}>
          {tab === "Graph" && definition !== undefined && (
            <GraphView
              definition={definition}
              model={model}
              version={version}
              selected={selected}
              onSelect={(name) => select(name)}
            />
          )}
          {tab === "Timeline" && (
            <TimelineView
              model={model}
              now={Date.now()}
              onSelect={({ name, id }) => select(name, id)}
            />
          )}
          {tab === "Events" && <EventTable model={model} version={version} onSelect={(it) => void open(it)} />}
          {tab === "Input and output" && <Payloads detail={run.detail.value} />}
        </div>
        {selected !== undefined && (
          <StatePanel
            executionId={executionId}
            model={model}
            version={version}
            name={selected}
            chosen={chosen}
            definition={states.value?.get(selected)}
            onChoose={setChosen}
            onClose={() => setSelected(undefined)}
          />
        )}
        {event !== undefined && <EventPanel event={event} onClose={() => setEvent(undefined)} />}
      </div>
    </main>
  );
}

function Views({ tab, onChoose }: { readonly tab: Tab; readonly onChoose: (tab: Tab) => void }) {
  return (
    <div class="tabs" role="tablist" aria-label="Views">
      {tabs.map((it) => (
        <button
          type="button"
          key={it}
          role="tab"
          aria-selected={tab === it}
          onClick={() => onChoose(it)}
        >
          {it}
        </button>
      ))}
    </div>
  );
}

function EventPanel({ event, onClose }: { readonly event: RunEvent; readonly onClose: () => void }) {
  return (
    <section class="panel" aria-label={`Event ${event.id}`}>
      <header>
        <h2>{event.id}: {event.type}</h2>
        <button type="button" aria-label="Close the event" onClick={onClose}>✕</button>
      </header>
      <JsonView value={event} label="Event" />
    </section>
  );
}

function RunHead({ run, version, onFailed }: {
  readonly run: FollowedRun;
  readonly version: number;
  readonly onFailed: (state: string) => void;
}) {
  const detail = run.detail.value;
  const { model } = run;
  const status = version === 0 ? detail?.status ?? "" : model.status;
  const failed = status === "Failed" ? failedState(run) : undefined;
  return (
    <header class="run-head">
      <p class="crumbs">
        <a href="#/executions">Executions</a> /{" "}
        <a href={`#/definitions/${encodeURIComponent(detail?.workflow ?? "")}`}>{detail?.workflow}</a>
      </p>
      <h1>
        {detail?.name ?? run.executionId} <Badge status={detail?.timedOut === true ? "Timed out" : status} />
      </h1>
      <p class="faint">
        <code>{run.executionId}</code>
        {detail !== undefined && ` · started ${ago(detail.startedAt)} (${moment(detail.startedAt)})`}
        {model.endedAt !== undefined && ` · took ${duration(model.endedAt - model.startedAt)}`}
        {(detail?.redriveCount ?? 0) > 0 && ` · redriven ${detail?.redriveCount} times`}
      </p>
      {detail?.parent !== undefined && (
        <p>
          <a href={`#/execution${detail.parent}`}>The execution that it belongs to</a>
        </p>
      )}
      {(detail?.error !== undefined || failed !== undefined) && (
        <div class="failure" role="note">
          {failed !== undefined && <button type="button" onClick={() => onFailed(failed)}>Failed in {failed}</button>}
          <strong>{detail?.error}</strong>
          <pre>{detail?.cause}</pre>
        </div>
      )}
      <RunActions run={run} status={status} />
    </header>
  );
}

function failedState({ model }: FollowedRun): string | undefined {
  for (let index = model.events.length - 1; index >= 0; index--) {
    const event = model.events[index];
    if (
      event?.type === "StateCompletedEvent" && textOf(event, "status") === "Failed" &&
      event["catcherIndex"] === undefined
    ) {
      const name = textOf(event, "stateName");
      // The innermost one: what is around it failed after it.
      const before = model.events.slice(0, index).findLast((it) =>
        it.type === "StateCompletedEvent" && textOf(it, "status") === "Failed"
      );
      return before !== undefined && textOf(before, "error") === textOf(event, "error")
        ? textOf(before, "stateName")
        : name;
    }
  }
  return undefined;
}

function RunActions({ run, status }: { readonly run: FollowedRun; readonly status: string }) {
  const [trouble, setTrouble] = useState("");
  const detail = run.detail.value;
  const act = async (operation: string) => {
    try {
      await ask(operation, { executionId: run.executionId, ...spaceOf(run.executionId) });
      setTrouble("");
      if (operation === "executions/delete") location.hash = "#/executions";
      else await run.describe();
    } catch (failure) {
      setTrouble(sentence(failure));
    }
  };
  const hasEnded = ended.includes(status);
  return (
    <div class="actions">
      {!hasEnded && (
        <Sure
          label="Stop"
          kind="danger"
          question="Stop this execution?"
          onYes={() => void act("executions/stop")}
        />
      )}
      {hasEnded && status !== "Succeeded" && detail?.notRedrivable === undefined && (
        <Sure
          label="Redrive"
          question="Go on from where it failed?"
          onYes={() => void act("executions/redrive")}
        />
      )}
      {detail !== undefined && detail.mapRun === undefined && (
        <a
          class="button"
          href={`#/start/${encodeURIComponent(detail.workflow)}?like=${encodeURIComponent(run.executionId)}`}
        >
          Start again…
        </a>
      )}
      {hasEnded && (
        <Sure
          label="Delete"
          kind="danger"
          question="Delete it with its history?"
          onYes={() => void act("executions/delete")}
        />
      )}
      <Trouble text={trouble} />
    </div>
  );
}

function Payloads({ detail }: { readonly detail: RunDetail | undefined }) {
  return (
    <div class="two">
      <div>
        <h2>Input</h2>
        <JsonView value={detail?.input} label="Input" />
      </div>
      <div>
        <h2>Output</h2>
        <JsonView value={detail?.output} label="Output" />
      </div>
    </div>
  );
}
