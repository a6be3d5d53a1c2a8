/** How far a Map or Parallel is, as a bar. */
import { formatCount } from "./duration.ts";
import type { Paint } from "./paint.ts";

/** Children: how many there will be, have ended, and failed of those. */
export interface BarProgress {
  readonly name?: string;
  readonly max: number;
  readonly done: number;
  readonly failed: number;
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** A bar and `done/max`, together at most `width` wide. */
export function progressBar(progress: BarProgress, width: number, paint: Paint): string {
  const { done, max, failed } = progress;
  const label = `${formatCount(done)}/${formatCount(max)}`;
  const barWidth = Math.max(0, width - label.length - 1);
  if (barWidth < 3) return label;
  const filled = max === 0 ? barWidth : (done / max) * barWidth;
  const whole = Math.floor(filled);
  const part = whole < barWidth ? eighths[Math.floor((filled - whole) * 8)] ?? "" : "";
  const rest = "░".repeat(barWidth - whole - part.length);
  const bar = `${failed > 0 ? paint.red("█".repeat(whole) + part) : paint.green("█".repeat(whole) + part)}${
    paint.dim(rest)
  }`;
  return `${bar} ${label}`;
}
