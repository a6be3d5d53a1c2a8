/** Every event of an execution, as a table of which only what is seen exists. */
import { useMemo, useState } from "preact/hooks";
import type { RunEvent } from "../wire.ts";
import { textOf } from "./api.ts";
import { VirtualRows } from "./parts.tsx";
import type { RunModel } from "../../../story/mod.ts";
import { moment } from "./shown.ts";

const ROW_HEIGHT = 28;

/** The event table. `version` changes when the model has. */
export function EventTable(
  { model, version, onSelect }: {
    readonly model: RunModel;
    readonly version: number;
    readonly onSelect: (event: RunEvent) => void;
  },
) {
  const [wanted, setWanted] = useState("");
  const rows = useMemo(() => filtered(model, wanted), [model, version, wanted]);
  return (
    <div class="events">
      <div class="bar">
        <input
          type="search"
          placeholder="Type, state, error"
          aria-label="Filter events"
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        <span class="faint" data-count={rows.length}>{rows.length.toLocaleString()} events</span>
      </div>
      <VirtualRows
        rows={rows}
        rowHeight={ROW_HEIGHT}
        label="Events"
        isPinned
        render={(event) => (
          <button type="button" class="event" onClick={() => onSelect(event)}>
            <span class="number">{event.id}</span>
            <span class="time">{moment(event.timestamp)}</span>
            <span class="type">{event.type.replace(/Event$/, "")}</span>
            <span class="what">{about(event, model)}</span>
          </button>
        )}
      />
    </div>
  );
}

function filtered(model: RunModel, wanted: string): readonly RunEvent[] {
  if (wanted === "") return [...model.events];
  const small = wanted.toLowerCase();
  return model.events.filter((event) => `${event.type} ${about(event, model)}`.toLowerCase().includes(small));
}

function about(event: RunEvent, model: RunModel): string {
  const state = textOf(event, "stateName") ?? model.activities.get(textOf(event, "activityId") ?? "")?.name;
  const index = event["index"];
  return [
    state,
    typeof index === "number" ? `#${index}` : undefined,
    textOf(event, "resource"),
    textOf(event, "status"),
    textOf(event, "error"),
    textOf(event, "cause")?.slice(0, 200),
  ].filter((it) => it !== undefined && it !== "").join(" · ");
}
