/** Colour: decided once per stream, never inside the code that lays text out. */
import { styleText } from "node:util";
import type { CliIo, TextSink } from "../io.ts";

type Colour = (text: string) => string;

/** Wraps text in a style, or leaves it as it is. */
export interface Paint {
  readonly bold: Colour;
  readonly dim: Colour;
  readonly red: Colour;
  readonly green: Colour;
  readonly yellow: Colour;
  readonly blue: Colour;
  readonly cyan: Colour;
  readonly magenta: Colour;
  readonly inverse: Colour;
}

const styles = ["bold", "dim", "red", "green", "yellow", "blue", "cyan", "magenta", "inverse"] as const;

function makePaint(colour: (style: (typeof styles)[number]) => Colour): Paint {
  return Object.fromEntries(styles.map((style) => [style, colour(style)])) as {
    [style in (typeof styles)[number]]: Colour;
  };
}

/** Text as it is. */
export const plainPaint: Paint = makePaint(() => (text) => text);

/** ANSI escape sequences. */
export const colourPaint: Paint = makePaint((style) => (text) => styleText(style, text, { validateStream: false }));

/**
 * The paint for a stream: `NO_COLOR` (any text) turns colour off, else `FORCE_COLOR` (but not `0`) turns it on, else a terminal
 * that is not `dumb` has it.
 *
 * @see https://no-color.org
 */
export function paintFor(stream: TextSink, env: CliIo["env"]): Paint {
  if ((env["NO_COLOR"] ?? "") !== "") return plainPaint;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced === "0" ? plainPaint : colourPaint;
  return stream.isTTY && env["TERM"] !== "dumb" ? colourPaint : plainPaint;
}
