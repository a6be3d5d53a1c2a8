/** The elements of an array, or the members of an object, somewhere in a JSON document: read as it comes, never held as a whole. */
import { getManyValues, isMany, type Many, none, stop } from "stream-chain/defs.js";
import { jsonParser, type Token } from "stream-json/core/parser.js";
import { pick } from "stream-json/core/filters/pick.js";
import type { Json } from "../../../values/mod.ts";
import { type MapRunFailed, readerFailed } from "../map_run_failed.ts";

/** Characters that are made into tokens at once. */
const PIECE_CHARACTERS = 65_536;

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
  const reader = new TokenReader(pathOf(pointer));
  const items = new Items(bounds);
  // Characters since the last item or, before the first, since the last token: of what is read no more is held at once.
  let unread = 0;
  for await (const chunk of text) {
    for (let from = 0; from < chunk.length; from += PIECE_CHARACTERS) {
      const piece = chunk.slice(from, from + PIECE_CHARACTERS);
      unread += piece.length;
      for (const item of items.add(reader.read(piece))) {
        unread = 0;
        yield item;
      }
      if (items.areOver) return;
      if (!items.haveBegun && reader.hasRead) unread = 0;
      if (unread > bounds.charactersMax) {
        throw readerFailed(`An item of the dataset has more than ${bounds.charactersMax} characters.`);
      }
    }
  }
  yield* items.add(reader.read(none));
  if (!items.areOver) {
    throw items.haveBegun ? readerFailed("The dataset is no valid JSON: it ends too early") : noItems();
  }
}

const noItems = () => readerFailed("The dataset has no array or object of items.");

/** Makes pieces of a document into tokens, and leaves out those outside of what `path` leads to. */
class TokenReader {
  readonly #tokenize = jsonParser({ packValues: true, streamValues: false });
  readonly #pick: ReturnType<typeof pick> | undefined;
  /** The newest piece completed a token, be it one that is left out. */
  hasRead = false;

  constructor(path: readonly string[]) {
    this.#pick = path.length === 0 ? undefined : pick({ filter: (stack) => isAt(stack, path) });
  }

  /** @param piece `none`: the document ends here @throws {MapRunFailed} it is no JSON */
  read(piece: string | typeof none): readonly Token[] {
    try {
      const tokens = tokensOf(this.#tokenize(piece as string));
      this.hasRead = tokens.length > 0;
      const picked = this.#pick;
      return picked === undefined ? tokens : tokens.flatMap((token) => tokensOf(picked(token)));
    } catch (failure) {
      const why = failure instanceof Error ? failure.message : String(failure);
      throw readerFailed(`The dataset is no valid JSON: ${why}`);
    }
  }
}

function tokensOf(told: Token | Many<Token> | typeof none | typeof stop): readonly Token[] {
  if (told === none || told === stop) return [];
  return isMany(told) ? getManyValues(told) : [told];
}

/** Items out of the tokens of the array or object that has them. */
class Items {
  readonly #item: ItemText;
  #container: "array" | "object" | undefined;
  #key = "";
  /** The array or object has been read to its end. */
  areOver = false;

  constructor({ depthMax }: ItemBounds) {
    this.#item = new ItemText(depthMax);
  }

  get haveBegun(): boolean {
    return this.#container !== undefined;
  }

  *add(tokens: readonly Token[]): Generator<Json, void> {
    for (const token of tokens) {
      if (this.areOver) return;
      const { name } = token;
      if (this.#container === undefined) {
        if (name !== "startArray" && name !== "startObject") throw noItems();
        this.#container = name === "startArray" ? "array" : "object";
      } else if (this.#item.isEmpty && token.name === "keyValue") this.#key = token.value;
      else if (this.#item.isEmpty && (name === "endArray" || name === "endObject")) this.areOver = true;
      else {
        const text = this.#item.add(token);
        if (text === undefined) continue;
        const value = JSON.parse(text) as Json;
        yield this.#container === "array" ? value : { Key: this.#key, Value: value };
      }
    }
  }
}

/** Puts the tokens of one value together again: `JSON.parse` takes any key as just a key. */
class ItemText {
  readonly #depthMax: number;
  #text = "";
  /** For each open container: whether something stands in it already. */
  readonly #open: boolean[] = [];
  #isAfterKey = false;

  constructor(depthMax: number) {
    this.#depthMax = depthMax;
  }

  get isEmpty(): boolean {
    return this.#text === "";
  }

  /** The value's text, once it is complete. */
  add(token: Token): string | undefined {
    switch (token.name) {
      case "startObject":
      case "startArray":
        this.#begin(token.name === "startObject" ? "{" : "[");
        if (this.#open.push(false) > this.#depthMax) throw tooDeep(this.#depthMax);
        return undefined;
      case "endObject":
      case "endArray":
        this.#text += token.name === "endObject" ? "}" : "]";
        this.#open.pop();
        return this.#ended();
      case "keyValue":
        this.#begin(`${JSON.stringify(token.value)}:`);
        this.#isAfterKey = true;
        return undefined;
      case "stringValue":
        this.#begin(JSON.stringify(token.value));
        return this.#ended();
      case "numberValue":
      case "nullValue":
      case "trueValue":
      case "falseValue":
        this.#begin(String(token.value));
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

/** An item that nests deeper than a payload may. */
export function tooDeep(depthMax: number): MapRunFailed {
  return readerFailed(`An item nests deeper than ${depthMax} levels.`);
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
