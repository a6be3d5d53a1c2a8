/** A history as a tree: a line for each run of a state below the Map or Parallel that it is in, with what it took. */
import type { Activity, RunEvent, RunModel } from "../../../story/mod.ts";
import { formatDuration } from "../output/duration.ts";
import type { Paint } from "../output/paint.ts";
import { progressBar } from "../output/progress_bar.ts";
import { printable } from "../output/text_width.ts";

/** Children of one Map or Parallel that are shown one by one; of more, those that failed or run, and a count. */
const CHILDREN_MAX = 20;
/** Of those. */
const OF_MANY_MAX = 5;
const BAR_COLUMNS = 30;
const childPattern = /^(.+)\/[bi](\d+)$/;

/** How much of a tree is shown. */
export interface TreeOptions {
  /** Unix milliseconds, for what has not ended. */
  readonly nowMs: number;
  /** Input and output below each state: events with their payloads must have been read. */
  readonly showsPayloads: boolean;
  /** All children, however many. */
  readonly showsAll: boolean;
  readonly paint: Paint;
}

/** The lines of an execution's states. */
export function treeLines(model: RunModel, options: TreeOptions): string[] {
  const below = new Map<string, Activity[]>();
  for (const activity of model.activities.values()) {
    const parent = activity.parent ?? "";
    const siblings = below.get(parent);
    if (siblings === undefined) below.set(parent, [activity]);
    else siblings.push(activity);
  }
  return new Tree(model, below, options).linesBelow("", "");
}

class Tree {
  readonly #model: RunModel;
  readonly #below: ReadonlyMap<string, readonly Activity[]>;
  readonly #childrenOf: ReadonlyMap<string, readonly string[]>;
  readonly #options: TreeOptions;

  constructor(model: RunModel, below: ReadonlyMap<string, readonly Activity[]>, options: TreeOptions) {
    this.#model = model;
    this.#below = below;
    this.#options = options;
    const childrenOf = new Map<string, string[]>();
    for (const child of below.keys()) {
      const owner = childPattern.exec(child)?.[1];
      if (owner !== undefined) childrenOf.set(owner, [...childrenOf.get(owner) ?? [], child]);
    }
    this.#childrenOf = childrenOf;
  }

  linesBelow(parent: string, indent: string): string[] {
    return (this.#below.get(parent) ?? []).flatMap((activity) => this.#linesOf(activity, indent));
  }

  #linesOf(activity: Activity, indent: string): string[] {
    const { paint, showsPayloads } = this.#options;
    const lines = [indent + this.#headline(activity)];
    const deeper = `${indent}    `;
    for (const stretch of activity.stretches) {
      if (stretch.error === undefined || stretch === activity.stretches.at(-1)) continue;
      const why = printable(`attempt ${stretch.attempt}: ${stretch.error}: ${stretch.cause ?? ""}`.replace(/: $/, ""));
      lines.push(`${deeper}${paint.yellow(`↻ ${why}`)}`);
    }
    if (showsPayloads) lines.push(...this.#payloads(activity, deeper));
    return [...lines, ...this.#children(activity, deeper)];
  }

  #headline(activity: Activity): string {
    const { paint, nowMs } = this.#options;
    const { glyph, colour } = looks[activity.phase];
    const took = formatDuration((activity.endedAt ?? nowMs) - activity.startedAt);
    const progress = { max: activity.max, done: activity.ended, failed: activity.failed };
    const of = activity.max > CHILDREN_MAX
      ? ` ${progressBar(progress, BAR_COLUMNS, paint)}`
      : activity.max > 0
      ? ` ${activity.ended}/${activity.max}`
      : "";
    const tries = activity.attempt > 1 ? `  attempt ${activity.attempt}` : "";
    const failure = activity.error === undefined
      ? ""
      : `  ${paint.red(printable([activity.error, activity.cause].filter(isSaid).join(": ")))}`;
    const next = activity.phase === "Caught" ? paint.dim(`  caught, goes on at ${printable(activity.next ?? "")}`) : "";
    const name = paint.bold(printable(activity.name));
    return `${paint[colour](glyph)} ${name}  ${paint.dim(activity.type)}${of}  ${
      paint.dim(`${took}${tries}`)
    }${failure}${next}`;
  }

  #payloads(activity: Activity, indent: string): string[] {
    const { paint } = this.#options;
    const payload = (eventId: number | undefined, field: string): string[] => {
      const event: RunEvent | undefined = eventId === undefined ? undefined : this.#model.events[eventId - 1];
      const value = event?.[field];
      if (value === undefined) return [];
      const text = JSON.stringify(value, undefined, 2).split("\n").map((line) => printable(line));
      return text.map((line, index) => `${indent}${paint.dim(index === 0 ? field.padEnd(6) : "      ")} ${line}`);
    };
    return [...payload(activity.startedEvent, "input"), ...payload(activity.endedEvent, "output")];
  }

  #children({ id }: Activity, indent: string): string[] {
    const { paint, showsAll } = this.#options;
    const children = this.#childrenOf.get(id) ?? [];
    const isWorthIt = (child: string) => (this.#below.get(child) ?? []).some(({ phase }) => !isGood(phase));
    const many = children.length > CHILDREN_MAX && !showsAll;
    const shown = many ? children.filter(isWorthIt).slice(0, OF_MANY_MAX) : children;
    const lines = shown.flatMap((child) => {
      const index = childPattern.exec(child)?.[2] ?? "";
      return [`${indent}${paint.dim(`[${index}]`)}`, ...this.linesBelow(child, `${indent}  `)];
    });
    const left = children.length - shown.length;
    if (left > 0) lines.push(`${indent}${paint.dim(`… ${left} more children; --all shows them`)}`);
    return lines;
  }
}

function isGood(phase: Activity["phase"]): boolean {
  return phase === "Succeeded" || phase === "Caught";
}

function isSaid(text: string | undefined): text is string {
  return text !== undefined && text !== "";
}

const looks: Readonly<
  Record<Activity["phase"], { readonly glyph: string; readonly colour: "green" | "red" | "yellow" | "blue" }>
> = {
  Running: { glyph: "▶", colour: "blue" },
  Waiting: { glyph: "⏲", colour: "blue" },
  Succeeded: { glyph: "✓", colour: "green" },
  Failed: { glyph: "✗", colour: "red" },
  Caught: { glyph: "✗", colour: "yellow" },
  Canceled: { glyph: "■", colour: "yellow" },
};
