/** Keys as terminals send them. */

export type MonitorKey = "quit" | "up" | "down" | "pageUp" | "pageDown" | "home" | "end" | "failures" | "sort";

const keys: ReadonlyMap<string, MonitorKey> = new Map([
  ["q", "quit"],
  ["Q", "quit"],
  ["\x03", "quit"],
  ["\x1b", "quit"],
  ["\x1b[A", "up"],
  ["\x1bOA", "up"],
  ["k", "up"],
  ["\x1b[B", "down"],
  ["\x1bOB", "down"],
  ["j", "down"],
  ["\x1b[5~", "pageUp"],
  ["\x1b[6~", "pageDown"],
  [" ", "pageDown"],
  ["\x1b[H", "home"],
  ["\x1b[1~", "home"],
  ["g", "home"],
  ["\x1b[F", "end"],
  ["\x1b[4~", "end"],
  ["G", "end"],
  ["f", "failures"],
  ["s", "sort"],
]);

const ESC = "\x1b";
const keyPattern = new RegExp(`${ESC}\\[[0-9;]*[A-Za-z~]|${ESC}O[A-Z]|[\\s\\S]`, "gu");

/** The known keys in one read from the terminal, which may hold several. */
export function monitorKeys(input: string): MonitorKey[] {
  const pressed = input.match(keyPattern) ?? [];
  return pressed.map((key) => keys.get(key)).filter((key) => key !== undefined);
}
