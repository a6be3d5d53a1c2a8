/** Keys as terminals send them. */

/** A key that is no character, by its name. */
export type KeyName =
  | "up"
  | "down"
  | "pageUp"
  | "pageDown"
  | "home"
  | "end"
  | "enter"
  | "back"
  | "erase"
  | "interrupt";

const names: ReadonlyMap<string, KeyName> = new Map([
  ["\x03", "interrupt"],
  ["\x1b", "back"],
  ["\r", "enter"],
  ["\n", "enter"],
  ["\x7f", "erase"],
  ["\b", "erase"],
  ["\x1b[A", "up"],
  ["\x1bOA", "up"],
  ["\x1b[B", "down"],
  ["\x1bOB", "down"],
  ["\x1b[5~", "pageUp"],
  ["\x1b[6~", "pageDown"],
  ["\x1b[H", "home"],
  ["\x1b[1~", "home"],
  ["\x1b[F", "end"],
  ["\x1b[4~", "end"],
]);

/** Characters that move as well, where no text is being typed. */
const moves: ReadonlyMap<string, KeyName> = new Map([
  ["k", "up"],
  ["j", "down"],
  [" ", "pageDown"],
  ["g", "home"],
  ["G", "end"],
]);

/** One key: its name, or the character that it types. */
export interface PressedKey {
  readonly name?: KeyName;
  readonly text?: string;
}

const ESC = "\x1b";
const keyPattern = new RegExp(`${ESC}\\[[0-9;]*[A-Za-z~]|${ESC}O[A-Z]|[\\s\\S]`, "gu");

/** The known keys in one read from the terminal, which may hold several. */
export function pressedKeys(input: string): PressedKey[] {
  return (input.match(keyPattern) ?? []).flatMap((key): PressedKey[] => {
    const name = names.get(key);
    if (name !== undefined) return [{ name }];
    return key.length <= 2 && !/\p{Cc}/u.test(key) ? [{ text: key }] : [];
  });
}

/** What a key moves, if it does. */
export function moveOf({ name, text }: PressedKey): KeyName | undefined {
  return name ?? moves.get(text ?? "");
}
