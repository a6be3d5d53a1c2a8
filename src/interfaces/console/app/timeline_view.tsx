/** Bars over time: one row a run of a state, its attempts and waits told apart. */
import type { Activity, RunModel } from "../../../story/mod.ts";
import { VirtualRows } from "./parts.tsx";
import { duration } from "./shown.ts";

const ROW_HEIGHT = 30;

/** The timeline of an execution. `now` is the end of what goes on. */
export function TimelineView(
  { model, now, onSelect }: {
    readonly model: RunModel;
    readonly now: number;
    readonly onSelect: (activity: Activity) => void;
  },
) {
  const from = model.startedAt;
  const to = Math.max(model.endedAt ?? now, from + 1);
  const share = (at: number) => `${Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100))}%`;
  return (
    <div class="timeline">
      <p class="legend faint">
        <span class="key work" /> working <span class="key queue" /> waits for a worker <span class="key wait" /> waits
        {" "}
        <span class="key retry" /> waits for a retry · {duration(to - from)} in all
      </p>
      <VirtualRows
        rows={[...model.activities.values()]}
        rowHeight={ROW_HEIGHT}
        label="Timeline"
        render={(activity) => (
          <button type="button" class="lane" onClick={() => onSelect(activity)}>
            <span class="lane-name" style={{ paddingLeft: `${depthOf(activity, model) * 12}px` }}>{activity.name}</span>
            <span class="lane-bars">
              {activity.stretches.map(({ kind, from: began, to: ended, error, attempt }, index) => (
                <span
                  key={index}
                  class={`stretch ${kind} ${error === undefined ? "" : "bad"}`}
                  style={{ left: share(began), width: `calc(${share(from + ((ended ?? to) - began))} + 2px)` }}
                  title={`attempt ${attempt}: ${kind}, ${duration((ended ?? to) - began)}${
                    error === undefined ? "" : `, ${error}`
                  }`}
                />
              ))}
            </span>
            <span class="lane-time">{duration((activity.endedAt ?? to) - activity.startedAt)}</span>
          </button>
        )}
      />
    </div>
  );
}

function depthOf(activity: Activity, model: RunModel): number {
  let depth = 0;
  let parent = activity.parent;
  while (parent !== undefined && depth < 6) {
    depth++;
    parent = model.activities.get(parent.slice(0, parent.lastIndexOf("/")))?.parent;
  }
  return depth;
}
