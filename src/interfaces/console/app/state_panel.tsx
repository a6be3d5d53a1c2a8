/** Everything about one state: its runs, and of one of them payloads, attempts and why it waits. */
import { useEffect, useState } from "preact/hooks";
import type { RunEvent, WireJson } from "../wire.ts";
import { ask, field, sentence, textOf } from "./api.ts";
import { DiffView, JsonView, Trouble } from "./parts.tsx";
import type { Activity, RunModel } from "../../../story/mod.ts";
import { duration, moment } from "./shown.ts";
import { WaitReason } from "./wait_reason.tsx";

/** Payloads of a run of a state, by what they are. Absent while they are read. */
interface Payloads {
  readonly input?: WireJson;
  readonly arguments?: WireJson;
  readonly result?: WireJson;
  readonly output?: WireJson;
  readonly variables?: WireJson;
}

type Tab = "Input" | "Arguments" | "Result" | "Output" | "Variables" | "Difference" | "Definition";
const tabs: readonly Tab[] = ["Input", "Arguments", "Result", "Output", "Variables", "Difference", "Definition"];
/** Runs of a state offered for choice. */
const RUNS_SHOWN = 200;

/** The panel of a state. `version` changes when the model has. */
export function StatePanel(
  { executionId, model, version, name, chosen, definition, onChoose, onClose }: {
    readonly executionId: string;
    readonly model: RunModel;
    readonly version: number;
    readonly name: string;
    readonly chosen: string | undefined;
    readonly definition: WireJson | undefined;
    readonly onChoose: (activityId: string) => void;
    readonly onClose: () => void;
  },
) {
  const runs = model.states.get(name)?.activities ?? [];
  const activity = runs.find(({ id }) => id === chosen) ?? runs.findLast(({ phase }) => phase === "Failed") ??
    runs.at(-1);
  const shownRuns = runs.slice(-RUNS_SHOWN);
  return (
    <section class="panel" aria-label={`State ${name}`}>
      <header>
        <h2>{name}</h2>
        <button type="button" aria-label="Close the state" onClick={onClose}>✕</button>
      </header>
      {runs.length > 1 && (
        <label>
          Run
          <select value={activity?.id} onChange={(event) => onChoose(event.currentTarget.value)}>
            {shownRuns.map((run, index) => (
              <option key={run.id} value={run.id}>
                {runs.length - shownRuns.length + index + 1} of {runs.length}: {run.phase}
                {run.parent === undefined ? "" : ` in ${run.parent.slice(run.parent.lastIndexOf("/") + 1)}`}
              </option>
            ))}
          </select>
        </label>
      )}
      {activity === undefined
        ? <p class="faint">This state has not run.</p>
        : <ActivityDetails executionId={executionId} activity={activity} version={version} definition={definition} />}
      {activity === undefined && <JsonView value={definition} label="Definition of the state" />}
    </section>
  );
}

function ActivityDetails(
  { executionId, activity, version, definition }: {
    readonly executionId: string;
    readonly activity: Activity;
    readonly version: number;
    readonly definition: WireJson | undefined;
  },
) {
  const [payloads, setPayloads] = useState<Payloads>({});
  const [trouble, setTrouble] = useState("");
  const task = activity.tasks.at(-1);
  useEffect(() => {
    let isGone = false;
    readPayloads(executionId, activity).then(
      (read) => void (isGone || setPayloads(read)),
      (failure) => void (isGone || setTrouble(sentence(failure))),
    );
    return () => {
      isGone = true;
    };
  }, [executionId, activity.id, activity.endedEvent, task?.taskId, task?.endedEvent, task?.submittedEvent]);
  return (
    <>
      <Facts activity={activity} />
      <WaitReason executionId={executionId} activity={activity} version={version} />
      {activity.error !== undefined && (
        <div class="failure" role="note">
          <strong>{activity.error}</strong>
          <pre>{activity.cause ?? ""}</pre>
        </div>
      )}
      <Attempts activity={activity} />
      <Trouble text={trouble} />
      <PayloadTabs key={activity.id} payloads={payloads} definition={definition} />
    </>
  );
}

function Facts({ activity }: { readonly activity: Activity }) {
  return (
    <dl class="facts">
      <dt>Status</dt>
      <dd>{activity.phase}</dd>
      <dt>Entered</dt>
      <dd>{moment(activity.startedAt)}</dd>
      {activity.endedAt !== undefined && (
        <>
          <dt>Took</dt>
          <dd>{duration(activity.endedAt - activity.startedAt)}</dd>
        </>
      )}
      {activity.max > 0 && (
        <>
          <dt>Children</dt>
          <dd>{activity.ended} of {activity.max} ended, {activity.failed} failed</dd>
        </>
      )}
      {activity.mapRun !== undefined && (
        <>
          <dt>Map Run</dt>
          <dd>
            <a href={`#/executions?mapRun=${activity.mapRun}`}>its executions</a>
          </dd>
        </>
      )}
    </dl>
  );
}

function PayloadTabs(
  { payloads, definition }: { readonly payloads: Payloads; readonly definition: WireJson | undefined },
) {
  const [tab, setTab] = useState<Tab>("Input");
  const shown: Readonly<Record<Tab, WireJson | undefined>> = {
    Input: payloads.input,
    Arguments: payloads.arguments,
    Result: payloads.result,
    Output: payloads.output,
    Variables: payloads.variables,
    Difference: null,
    Definition: definition,
  };
  const child = textOf(payloads.result, "ExecutionArn") ?? textOf(payloads.result, "executionArn");
  return (
    <>
      {child !== undefined && (
        <p>
          <a href={`#/arn/${encodeURIComponent(child)}`}>The execution that it started</a>
        </p>
      )}
      <div class="tabs" role="tablist" aria-label="Of this run">
        {tabs.map((it) => (
          <button
            type="button"
            key={it}
            role="tab"
            aria-selected={tab === it}
            disabled={shown[it] === undefined}
            onClick={() => setTab(it)}
          >
            {it}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={tab}>
        {tab === "Difference"
          ? <DiffView before={payloads.input} after={payloads.output} />
          : <JsonView key={tab} value={shown[tab]} label={tab} />}
      </div>
    </>
  );
}

function Attempts({ activity }: { readonly activity: Activity }) {
  const failed = activity.stretches.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return null;
  return (
    <table class="attempts">
      <caption>Attempts that failed</caption>
      <thead>
        <tr>
          <th scope="col">Attempt</th>
          <th scope="col">Took</th>
          <th scope="col">Error</th>
          <th scope="col">Cause</th>
        </tr>
      </thead>
      <tbody>
        {failed.map(({ attempt, from, to, error, cause }, index) => (
          <tr key={index}>
            <td>{attempt}</td>
            <td>{duration((to ?? from) - from)}</td>
            <td>{error}</td>
            <td class="cause">{cause}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

async function readPayloads(executionId: string, activity: Activity): Promise<Payloads> {
  const eventOf = (event: number | undefined): Promise<RunEvent | undefined> =>
    event === undefined ? Promise.resolve(undefined) : ask<RunEvent>("executions/event", { executionId, event });
  const task = activity.tasks.at(-1);
  const [started, ended, created, submitted, completed] = await Promise.all([
    eventOf(activity.startedEvent),
    eventOf(activity.endedEvent),
    eventOf(task?.createdEvent),
    eventOf(task?.submittedEvent),
    eventOf(task?.outcome === "Completed" ? task.endedEvent : undefined),
  ]);
  const read: Record<string, WireJson> = {};
  const put = (name: keyof Payloads, from: RunEvent | undefined, member: string) => {
    const value = field(from, member);
    if (value !== undefined) read[name] = value;
  };
  put("input", started, "input");
  put("arguments", created, "input");
  put("result", completed ?? submitted, "output");
  put("output", ended, "output");
  put("variables", ended, "assigned");
  return read;
}
