/** One step as one line for a terminal or a file. */
import { formatDuration } from "../output/duration.ts";
import type { Paint } from "../output/paint.ts";
import { printable } from "../output/text_width.ts";
import type { Step, StepKind } from "./step_trace.ts";

interface Look {
  readonly glyph: string;
  readonly colour: keyof Paint;
}

const looks: { readonly [kind in StepKind]: Look } = {
  start: { glyph: "●", colour: "cyan" },
  enter: { glyph: "→", colour: "blue" },
  leave: { glyph: "✓", colour: "green" },
  fail: { glyph: "✗", colour: "red" },
  retry: { glyph: "↻", colour: "yellow" },
  again: { glyph: "↻", colour: "yellow" },
  task: { glyph: "·", colour: "dim" },
  note: { glyph: "·", colour: "dim" },
  success: { glyph: "●", colour: "green" },
  failure: { glyph: "●", colour: "red" },
  canceled: { glyph: "●", colour: "yellow" },
};

/** Such as `   1.204s    [3] ✓ Reserve  8ms`. No line break at the end. */
export function stepLine(step: Step, paint: Paint): string {
  const look = looks[step.kind];
  const colour = paint[look.colour];
  const isEnd = step.kind === "success" || step.kind === "failure" || step.kind === "canceled";
  const label = printable(step.label);
  const parts = [
    paint.dim(`${(step.elapsedMs / 1_000).toFixed(3)}s`.padStart(10)),
    `${"  ".repeat(step.depth)}${step.index === undefined ? "" : paint.dim(`[${step.index}] `)}${colour(look.glyph)}`,
    isEnd ? colour(paint.bold(label)) : step.kind === "leave" ? label : paint.bold(label),
  ];
  const detail = detailOf(step);
  if (detail !== "") {
    parts.push(step.kind === "fail" || step.kind === "failure" ? paint.red(detail) : paint.dim(detail));
  }
  if (step.tookMs !== undefined) parts.push(paint.dim(formatDuration(step.tookMs)));
  return parts.join(" ");
}

function detailOf(step: Step): string {
  const detail = printable(step.detail ?? "");
  return step.dueInMs === undefined ? detail : `${detail} in ${formatDuration(step.dueInMs)}`;
}
