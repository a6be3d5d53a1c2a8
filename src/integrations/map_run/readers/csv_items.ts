/** Rows of a text with delimiters as objects: header to value, both texts. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";
import type { JsonObject } from "../../../values/mod.ts";
import { MapRunFailed, readerFailed } from "../map_run_failed.ts";
import type { ReaderConfig } from "./reader_config.ts";

const delimiters = { COMMA: ",", PIPE: "|", SEMICOLON: ";", SPACE: " ", TAB: "\t" } as const;
/** Characters of the headers together, as AWS has it. */
const HEADER_CHARACTERS_MAX = 10_240;

/**
 * A row has a value for every header: "" where it is shorter, and what it has beyond them is left out.
 *
 * @throws {MapRunFailed} there are no headers, or two alike, or a quote is not closed
 */
export async function* csvItems(
  text: AsyncIterable<string>,
  { CSVDelimiter = "COMMA", CSVHeaderLocation, CSVHeaders }: ReaderConfig,
  rowCharactersMax: number,
): AsyncGenerator<JsonObject, void> {
  const parser = parse({
    delimiter: delimiters[CSVDelimiter],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: rowCharactersMax,
  });
  const parsed = pipeline(Readable.from(text), parser);
  parsed.catch(() => {}); // the iteration below tells of it
  let headers = CSVHeaderLocation === "GIVEN" ? checkedHeaders(CSVHeaders ?? []) : undefined;
  try {
    for await (const row of parser as AsyncIterable<readonly string[]>) {
      if (headers === undefined) headers = checkedHeaders(row);
      else yield Object.fromEntries(headers.map((header, index) => [header, row[index] ?? ""]));
    }
  } catch (failure) {
    if (failure instanceof MapRunFailed || !isCsvError(failure)) throw failure;
    throw readerFailed(`The dataset is no valid CSV: ${failure.message}`);
  } finally {
    parser.destroy();
  }
}

function isCsvError(failure: unknown): failure is Error {
  return failure instanceof Error && "code" in failure && String(failure.code).startsWith("CSV_");
}

function checkedHeaders(headers: readonly string[]): readonly string[] {
  if (headers.length === 0) throw readerFailed("CSV headers cannot be empty.");
  if (new Set(headers).size < headers.length) throw readerFailed("CSV headers cannot contain duplicates.");
  if (headers.join(",").length > HEADER_CHARACTERS_MAX) {
    throw readerFailed(`CSV headers cannot be longer than ${HEADER_CHARACTERS_MAX} characters.`);
  }
  return headers;
}
