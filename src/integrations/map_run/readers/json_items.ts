/** The elements of an array, or the members of an object, somewhere in a JSON document: read as it comes, never held as a whole. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parser } from "stream-json";
import { pick } from "stream-json/filters/pick.js";
import { type Json, jsonDepthExceeds } from "../../../values/mod.ts";
import { MapRunFailed, readerFailed } from "../failed.ts";

/** What the parser tells of a document, piece by piece. */
interface Token {
  readonly name: string;
  readonly value?: string | null | boolean;
}

/** Bounds of one item. */
export interface ItemBounds {
  readonly charactersMax: number;
  readonly depthMax: number;
}

/**
 * Elements of an array as they are, members of an object as `{ Key, Value }`.
 *
 * @param pointer RFC 6901, "" for the document itself
 * @throws {MapRunFailed} it is no JSON, there is neither array nor object, or an item is too large
 */
export async function* jsonItems(
  text: AsyncIterable<string>,
  pointer: string,
  bounds: ItemBounds,
): AsyncGenerator<Json, void> {
  const meter = new Meter(bounds.charactersMax);
  const source = Readable.from(meter.metered(text));
  const tokens = parser.asStream();
  const path = pathOf(pointer);
  const picked = path.length === 0 ? undefined : pick.asStream({ filter: (stack) => isAt(stack, path), once: true });
  const parsed = picked === undefined ? pipeline(source, tokens) : pipeline(source, tokens, picked);
  parsed.catch(() => {}); // the iteration below tells of it
  const output = picked ?? tokens;
  try {
    yield* itemsOf(output as AsyncIterable<Token>, meter, bounds);
  } catch (failure) {
    if (failure instanceof MapRunFailed || (failure instanceof Error && failure.name === "ObjectStoreFailed")) {
      throw failure;
    }
    throw readerFailed(`The dataset is no valid JSON: ${failure instanceof Error ? failure.message : String(failure)}`);
  } finally {
    source.destroy();
    output.destroy();
  }
}

async function* itemsOf(tokens: AsyncIterable<Token>, meter: Meter, { depthMax }: ItemBounds) {
  let container: "array" | "object" | undefined;
  let key = "";
  const item = new ItemText();
  for await (const token of tokens) {
    if (container === undefined) {
      if (token.name !== "startArray" && token.name !== "startObject") break;
      container = token.name === "startArray" ? "array" : "object";
      continue;
    }
    if (item.isEmpty && token.name === "keyValue") key = String(token.value);
    if (item.isEmpty && (token.name === "keyValue" || token.name === "endArray" || token.name === "endObject")) {
      continue;
    }
    const complete = item.add(token);
    if (complete === undefined) continue;
    meter.reset();
    if (jsonDepthExceeds(complete, depthMax)) throw readerFailed(`An item nests deeper than ${depthMax} levels.`);
    const value = JSON.parse(complete) as Json;
    yield container === "array" ? value : { Key: key, Value: value };
  }
  if (container === undefined) throw readerFailed("The dataset has no array or object of items.");
}

/** Puts the tokens of one value together again: `JSON.parse` takes any key as just a key. */
class ItemText {
  #text = "";
  /** For each open container: whether something stands in it already. */
  readonly #open: boolean[] = [];
  #isAfterKey = false;

  get isEmpty(): boolean {
    return this.#text === "";
  }

  /** The value's text, once it is complete. */
  add({ name, value }: Token): string | undefined {
    switch (name) {
      case "startObject":
      case "startArray":
        this.#begin(name === "startObject" ? "{" : "[");
        this.#open.push(false);
        return undefined;
      case "endObject":
      case "endArray":
        this.#text += name === "endObject" ? "}" : "]";
        this.#open.pop();
        return this.#ended();
      case "keyValue":
        this.#begin(`${JSON.stringify(value)}:`);
        this.#isAfterKey = true;
        return undefined;
      case "stringValue":
        this.#begin(JSON.stringify(value));
        return this.#ended();
      case "numberValue":
      case "nullValue":
      case "trueValue":
      case "falseValue":
        this.#begin(String(value));
        return this.#ended();
      default:
        return undefined; // pieces of what comes whole as well
    }
  }

  #begin(text: string): void {
    const last = this.#open.length - 1;
    if (last >= 0 && !this.#isAfterKey) {
      if (this.#open[last] === true) this.#text += ",";
      this.#open[last] = true;
    }
    this.#isAfterKey = false;
    this.#text += text;
  }

  #ended(): string | undefined {
    if (this.#open.length > 0) return undefined;
    const text = this.#text;
    this.#text = "";
    return text;
  }
}

/** Counts what was read since the last item came out of it. */
class Meter {
  readonly #charactersMax: number;
  #read = 0;

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  reset(): void {
    this.#read = 0;
  }

  async *metered(text: AsyncIterable<string>): AsyncGenerator<string, void> {
    for await (const chunk of text) {
      yield chunk;
      this.#read += chunk.length;
      if (this.#read > this.#charactersMax) {
        throw readerFailed(`An item of the dataset has more than ${this.#charactersMax} characters.`);
      }
    }
  }
}

function pathOf(pointer: string): readonly string[] {
  if (pointer === "") return [];
  if (!pointer.startsWith("/")) {
    throw readerFailed(`ItemsPointer is not a valid JSON Pointer: ${pointer.slice(0, 100)}`);
  }
  return pointer.slice(1).split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function isAt(stack: readonly (string | number | null)[], path: readonly string[]): boolean {
  return stack.length === path.length && stack.every((part, index) => String(part) === path[index]);
}
