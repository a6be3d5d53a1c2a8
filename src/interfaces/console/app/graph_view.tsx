/** A state machine as a graph, coloured by what an execution has done. */
import { useMemo, useRef, useState } from "preact/hooks";
import type { WireJson } from "../wire.ts";
import { type Box, type Drawing, drawingOf, type Line } from "./graph_layout.ts";
import type { RunModel, StateCount } from "../../../story/mod.ts";

/** What the graph is told. `version` changes when the model has. */
export interface GraphProps {
  readonly definition: WireJson;
  readonly model?: RunModel;
  readonly version?: number;
  readonly selected: string | undefined;
  readonly onSelect: (state: string) => void;
}

const ZOOM_MIN = 0.25;
const ZOOM_MAX = 2;

/** The graph, to be moved by scrolling and sized by its buttons. */
export function GraphView({ definition, model, selected, onSelect }: GraphProps) {
  const drawing = useMemo(() => timedDrawing(definition), [definition]);
  const [zoom, setZoom] = useState<number | undefined>(undefined);
  const box = useRef<HTMLDivElement>(null);
  const fit = Math.min(1, Math.max(ZOOM_MIN, ((box.current?.clientWidth ?? 700) - 24) / Math.max(1, drawing.width)));
  const scale = zoom ?? fit;
  const to = (factor: number) => setZoom(Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, scale * factor)));
  return (
    <div class="graph-frame">
      <div class="zoom" role="group" aria-label="Size of the graph">
        <button type="button" aria-label="Smaller" onClick={() => to(1 / 1.25)}>−</button>
        <button type="button" aria-label="Fit" onClick={() => setZoom(undefined)}>Fit</button>
        <button type="button" aria-label="Larger" onClick={() => to(1.25)}>+</button>
      </div>
      <div class="graph" ref={box} tabIndex={0} role="group" aria-label="Graph of the state machine">
        <svg
          width={drawing.width * scale}
          height={drawing.height * scale}
          viewBox={`0 0 ${Math.max(1, drawing.width)} ${Math.max(1, drawing.height)}`}
        >
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0L8 4L0 8z" />
            </marker>
          </defs>
          {drawing.boxes.filter(({ isGroup }) => isGroup).map((it) => node(it, model, selected, onSelect))}
          {drawing.lines.map((it, index) => <Transition key={index} line={it} model={model} />)}
          {drawing.boxes.filter(({ isGroup }) => !isGroup).map((it) => node(it, model, selected, onSelect))}
        </svg>
      </div>
    </div>
  );
}

/** The mark can be read by whoever measures the page. */
function timedDrawing(definition: WireJson): Drawing {
  const from = performance.now();
  const drawing = drawingOf(definition);
  performance.measure("weft-layout", { start: from, end: performance.now() });
  return drawing;
}

function Transition(
  { line: { from, to, kind, points }, model }: { readonly line: Line; readonly model: RunModel | undefined },
) {
  const isTaken = kind === "start" ? (model?.states.has(to) ?? false) : (model?.taken.has(`${from}\n${to}`) ?? false);
  return <path class={`line ${kind} ${isTaken ? "taken" : ""}`} d={curve(points)} marker-end="url(#arrow)" />;
}

function curve(points: Line["points"]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let path = `M${first.x} ${first.y}`;
  for (const [index, point] of rest.entries()) {
    const after = rest[index + 1];
    if (after === undefined) path += `L${point.x} ${point.y}`;
    else path += `Q${point.x} ${point.y} ${(point.x + after.x) / 2} ${(point.y + after.y) / 2}`;
  }
  return path;
}

function node(box: Box, model: RunModel | undefined, selected: string | undefined, onSelect: (state: string) => void) {
  const { name, x, y, width, height, type } = box;
  if (type === "start") return <circle key={`${x} ${y}`} class="start" cx={x + width / 2} cy={y + height / 2} r={6} />;
  const count = model?.states.get(name);
  const phase = count === undefined ? "" : phaseOf(count);
  const about = count === undefined ? type : `${type}, ${summary(count)}`;
  const select = () => onSelect(name);
  return (
    <g
      key={name}
      class={`state ${phase} ${selected === name ? "selected" : ""} ${box.isGroup ? "group" : ""}`}
      transform={`translate(${x} ${y})`}
      role="button"
      tabIndex={0}
      aria-label={`${shortened(name, width)} ${shortened(about, width)}`}
      aria-pressed={selected === name}
      onClick={select}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          select();
        }
      }}
    >
      <title>{`${name}: ${about}`}</title>
      <rect width={width} height={height} rx={box.isGroup ? 12 : 8} />
      <text class="name" x={12} y={19}>{`${shortened(name, width)} `}</text>
      <text class="about" x={12} y={34}>{shortened(about, width)}</text>
      {box.isGroup && count !== undefined && <Progress count={count} width={width} />}
    </g>
  );
}

/** How many of the children of Map and Parallel are done. */
function Progress({ count, width }: { readonly count: StateCount; readonly width: number }) {
  const last = count.activities.at(-1);
  if (last === undefined || last.max === 0) return null;
  const whole = width - 24;
  const done = Math.min(1, last.ended / last.max) * whole;
  return (
    <g class="progress" transform="translate(12 38)">
      <rect class="track" width={whole} height={4} rx={2} />
      <rect class="done" width={done} height={4} rx={2} />
      {last.failed > 0 && <rect class="bad" width={Math.max(3, (last.failed / last.max) * whole)} height={4} rx={2} />}
      <title>{`${last.ended} of ${last.max} done, ${last.failed} failed`}</title>
    </g>
  );
}

/** What a state is coloured by: what goes on, else what came of it last. */
export function phaseOf({ running, waiting, failed, activities }: StateCount): string {
  if (running > 0) return "running";
  if (waiting > 0) return "waiting";
  const last = activities.at(-1)?.phase.toLowerCase() ?? "";
  return failed > 0 && last !== "succeeded" ? "failed" : last;
}

function summary({ running, waiting, succeeded, failed, caught, canceled, retries, activities }: StateCount): string {
  const children = activities.at(-1);
  const told = [
    [running, "running"],
    [waiting, "waiting"],
    [succeeded, "succeeded"],
    [failed, "failed"],
    [caught, "caught"],
    [canceled, "canceled"],
    [retries, "retried"],
  ] as const;
  const counts = told.filter(([count]) => count > 0).map(([count, what]) =>
    count === 1 && what !== "retried" ? what : `${count} ${what}`
  );
  if (children !== undefined && children.max > 0) counts.push(`${children.ended}/${children.max}`);
  return counts.join(", ");
}

function shortened(text: string, width: number): string {
  const room = Math.floor((width - 20) / 6.4);
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`;
}
