/**
 * Where the states of a definition are drawn. Layered from top to bottom by dagre; the inside of Parallel and Map is laid out first and then taken
 * as one box, which is right because ASL forbids transitions across their borders.
 */
import { graphlib, layout } from "@dagrejs/dagre";
import type { WireJson } from "../wire.ts";
import { field, isList, textOf } from "./api.ts";

/** A state's box. `x`, `y`: its upper left corner. */
export interface Box {
  readonly name: string;
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** It has others inside. */
  readonly isGroup: boolean;
}

/** A transition. */
export interface Line {
  readonly from: string;
  readonly to: string;
  readonly kind: "next" | "choice" | "catch" | "start";
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** A whole drawing. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

const BOX_HEIGHT = 46;
const BOX_WIDTH_MIN = 160;
const BOX_WIDTH_MAX = 260;
const CHARACTER_WIDTH = 7.4;
const GROUP_HEAD = 40;
const GROUP_PAD = 16;
const MARK = 14;

/** Lays out a definition. Never fails: what is no definition is an empty drawing. */
export function drawingOf(definition: WireJson): Drawing {
  return scopeDrawing(definition);
}

function scopeDrawing(scope: WireJson): Drawing {
  const states = field(scope, "States");
  if (typeof states !== "object" || states === null || isList(states)) {
    return { width: 0, height: 0, boxes: [], lines: [] };
  }
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 38, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  const inside = new Map<string, Drawing>();
  graph.setNode("\nstart", { width: MARK, height: MARK });
  for (const [name, state] of Object.entries(states)) {
    const children = childrenOf(state);
    const inner = children.length === 0 ? undefined : sideBySide(children.map(scopeDrawing));
    if (inner !== undefined) inside.set(name, inner);
    const width = Math.min(BOX_WIDTH_MAX, Math.max(BOX_WIDTH_MIN, name.length * CHARACTER_WIDTH + 46));
    graph.setNode(name, {
      width: inner === undefined ? width : Math.max(width, inner.width + 2 * GROUP_PAD),
      height: inner === undefined ? BOX_HEIGHT : inner.height + GROUP_HEAD + GROUP_PAD,
    });
  }
  const start = textOf(scope, "StartAt");
  if (start !== undefined && graph.hasNode(start)) graph.setEdge("\nstart", start, {}, "start");
  for (const [name, state] of Object.entries(states)) {
    for (const { to, kind } of transitionsOf(state)) if (graph.hasNode(to)) graph.setEdge(name, to, {}, kind);
  }
  layout(graph);
  return drawn(graph, states, inside);
}

function drawn(
  graph: graphlib.Graph,
  states: { readonly [name: string]: WireJson },
  inside: ReadonlyMap<string, Drawing>,
): Drawing {
  const boxes: Box[] = [];
  const lines: Line[] = [];
  for (const name of graph.nodes()) {
    const { x, y, width, height } = graph.node(name);
    const inner = inside.get(name);
    const box = { name, x: x - width / 2, y: y - height / 2, width, height, isGroup: inner !== undefined };
    boxes.push({ ...box, type: name === "\nstart" ? "start" : textOf(states[name], "Type") ?? "" });
    if (inner === undefined) continue;
    const [dx, dy] = [box.x + (width - inner.width) / 2, box.y + GROUP_HEAD];
    boxes.push(...inner.boxes.map((it) => ({ ...it, x: it.x + dx, y: it.y + dy })));
    lines.push(...inner.lines.map((it) => ({ ...it, points: it.points.map((p) => ({ x: p.x + dx, y: p.y + dy })) })));
  }
  for (const edge of graph.edges()) {
    const { points } = graph.edge(edge);
    const kind = edge.name === "choice" || edge.name === "catch" || edge.name === "start" ? edge.name : "next";
    lines.push({ from: edge.v, to: edge.w, kind, points: points ?? [] });
  }
  const { width = 0, height = 0 } = graph.graph();
  return { width, height, boxes, lines };
}

/** Definitions inside a state: a Parallel's branches, a Map's processor. */
function childrenOf(state: WireJson): readonly WireJson[] {
  const branches = field(state, "Branches");
  if (isList(branches)) return branches;
  const inner = field(state, "ItemProcessor") ?? field(state, "Iterator");
  return inner === undefined ? [] : [inner];
}

function transitionsOf(state: WireJson): readonly { readonly to: string; readonly kind: Line["kind"] }[] {
  const found = new Map<string, { to: string; kind: Line["kind"] }>();
  const add = (to: string | undefined, kind: Line["kind"]) => {
    if (to !== undefined) found.set(`${to}\n${kind}`, { to, kind });
  };
  add(textOf(state, "Next"), "next");
  const choices = field(state, "Choices");
  if (isList(choices)) { for (const choice of choices) add(textOf(choice, "Next"), "choice"); }
  add(textOf(state, "Default"), "choice");
  const catchers = field(state, "Catch");
  if (isList(catchers)) { for (const catcher of catchers) add(textOf(catcher, "Next"), "catch"); }
  return [...found.values()];
}

function sideBySide(drawings: readonly Drawing[]): Drawing {
  const boxes: Box[] = [];
  const lines: Line[] = [];
  let width = 0;
  let height = 0;
  for (const drawing of drawings) {
    const dx = width;
    boxes.push(...drawing.boxes.map((box) => ({ ...box, x: box.x + dx })));
    lines.push(
      ...drawing.lines.map((line) => ({ ...line, points: line.points.map(({ x, y }) => ({ x: x + dx, y })) })),
    );
    width += drawing.width + GROUP_PAD / 2;
    height = Math.max(height, drawing.height);
  }
  return { width: Math.max(0, width - GROUP_PAD / 2), height, boxes, lines };
}

/** The states of a definition by name, those inside others included. */
export function statesOf(definition: WireJson): ReadonlyMap<string, WireJson> {
  const found = new Map<string, WireJson>();
  const open = [definition];
  for (let scope = open.pop(); scope !== undefined; scope = open.pop()) {
    const states = field(scope, "States");
    if (typeof states !== "object" || states === null || isList(states)) continue;
    for (const [name, state] of Object.entries(states)) {
      found.set(name, state);
      open.push(...childrenOf(state));
    }
  }
  return found;
}
