/** Bytes of objects as text and lines, bounded. */
import { readerFailed } from "../map_run_failed.ts";

/** Text of bytes in UTF-8, without a byte order mark. @throws {MapRunFailed} they are not UTF-8 */
export async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (chunk?: Uint8Array) => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw readerFailed("The dataset is not encoded in UTF-8.");
    }
  };
  for await (const chunk of bytes) {
    const text = decoded(chunk);
    if (text !== "") yield text;
  }
  const rest = decoded();
  if (rest !== "") yield rest;
}

/** Lines without their ends; the empty ones are left out. @throws {MapRunFailed} one is longer than `charactersMax` */
export async function* linesOf(text: AsyncIterable<string>, charactersMax: number): AsyncGenerator<string, void> {
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const content = line.endsWith("\r") ? line.slice(0, -1) : line;
      expectLength(content, charactersMax);
      if (content.trim() !== "") yield content;
    }
    expectLength(rest, charactersMax);
  }
  if (rest.trim() !== "") yield rest;
}

function expectLength(line: string, charactersMax: number): void {
  if (line.length > charactersMax) {
    throw readerFailed(`A line of the dataset has more than ${charactersMax} characters.`);
  }
}
