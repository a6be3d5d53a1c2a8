/**
 * `ResultWriter`: the results of a Map Run as objects, in files by how the children ended, and a manifest that names the files.
 *
 * Nothing is collected while children run: the ended ones are asked for again, in the order of the items, and written as they come. So
 * whoever writes again after a crash writes the same; the manifest comes last and is what counts.
 */
import { Result, Schema } from "effect";
import type { ExecutionDetail } from "../../runtime/mod.ts";
import type { Json, JsonObject, Space } from "../../values/mod.ts";
import { type ObjectStore, ObjectStoreFailed, type ObjectStores, storeFor } from "../object_stores/mod.ts";
import type { IntegrationRun } from "../port.ts";
import { askUnless } from "./asking.ts";
import { writerFailed } from "./failed.ts";
import type { MapRunNames } from "./names.ts";
import { endOf } from "./progress.ts";
import { pendingResult, transformed, writerConfig } from "./results.ts";

const optional = Schema.optionalKey;
const Location = Schema.Struct({ Bucket: Schema.String, Prefix: optional(Schema.String) });
const ResultWriter = Schema.Struct({
  Resource: optional(Schema.String),
  Parameters: optional(Location),
  Arguments: optional(Location),
  WriterConfig: optional(Schema.Unknown),
});
const decode = Schema.decodeUnknownResult(ResultWriter);

/** Characters of one file before the next is begun. */
const FILE_CHARACTERS_MAX = 8 * 1_024 * 1_024;
/** Children asked for at once. */
const ASKED_AT_ONCE = 32;

/** A child that should be told of; `input` of one that may never have been started. */
export interface Reported {
  readonly index: number;
  readonly input?: Json;
}

/** Where results are written to. */
export class ResultFiles {
  readonly #store: ObjectStore;
  readonly #bucket: string;
  readonly #folder: string;
  readonly #config: ReturnType<typeof writerConfig>;
  readonly #names: MapRunNames;

  private constructor(store: ObjectStore, bucket: string, folder: string, writer: Json, names: MapRunNames) {
    this.#store = store;
    this.#bucket = bucket;
    this.#folder = folder;
    this.#config = writerConfig(writer, "NONE");
    this.#names = names;
  }

  /** `undefined` where results are not written. @throws {MapRunFailed} `States.ResultWriterFailed` */
  static open(
    writer: Json | undefined,
    stores: ObjectStores,
    names: MapRunNames,
    mapRun: string,
  ): ResultFiles | undefined {
    if (writer === undefined) return undefined;
    const decoded = decode(writer);
    if (Result.isFailure(decoded)) throw writerFailed(`The ResultWriter is not valid: ${decoded.failure.message}`);
    const { Resource, Parameters, Arguments } = decoded.success;
    if (Resource === undefined) return undefined;
    const { Bucket, Prefix = "" } = Arguments ?? Parameters ?? {};
    if (Bucket === undefined) throw writerFailed("The ResultWriter names no bucket");
    const folder = Prefix === "" ? mapRun : `${Prefix.replace(/\/+$/, "")}/${mapRun}`;
    try {
      const { store, action } = storeFor(stores, Resource);
      if (action !== "putObject") throw writerFailed(`The resource "${Resource}" writes nothing`);
      return new ResultFiles(store, Bucket, folder, writer, names);
    } catch (failure) {
      throw asWriterFailure(failure);
    }
  }

  /** Writes all results, and gives the Map state's own. @throws {MapRunFailed} `States.ResultWriterFailed` */
  async write(children: AsyncIterable<Reported>, run: IntegrationRun, space: Space): Promise<JsonObject> {
    const sinks = {
      SUCCEEDED: new Sink("SUCCEEDED"),
      FAILED: new Sink("FAILED"),
      PENDING: new Sink("PENDING"),
    };
    try {
      for await (const { kind, results } of this.#results(children, run, space)) {
        for (const result of results) {
          sinks[kind].add(JSON.stringify(result));
          if (sinks[kind].characters >= FILE_CHARACTERS_MAX) await this.#flush(sinks[kind], run.signal);
        }
      }
      for (const sink of Object.values(sinks)) await this.#flush(sink, run.signal);
      const manifest = {
        DestinationBucket: this.#bucket,
        MapRunArn: this.#names.mapRunArn,
        ResultFiles: {
          FAILED: sinks.FAILED.files,
          PENDING: sinks.PENDING.files,
          SUCCEEDED: sinks.SUCCEEDED.files,
        },
      };
      const key = `${this.#folder}/manifest.json`;
      await this.#put(key, JSON.stringify(manifest), run.signal);
      return { MapRunArn: this.#names.mapRunArn, ResultWriterDetails: { Bucket: this.#bucket, Key: key } };
    } catch (failure) {
      throw asWriterFailure(failure);
    }
  }

  async *#results(children: AsyncIterable<Reported>, run: IntegrationRun, space: Space) {
    let asked: Promise<{ readonly kind: Kind; readonly results: readonly Json[] }>[] = [];
    for await (const child of children) {
      asked.push(this.#resultOf(child, run, space));
      if (asked.length < ASKED_AT_ONCE) continue;
      yield* await Promise.all(asked);
      asked = [];
    }
    yield* await Promise.all(asked);
  }

  async #resultOf({ index, input }: Reported, run: IntegrationRun, space: Space) {
    const names = this.#names.child(index);
    const detail: ExecutionDetail | undefined = await askUnless(
      ["NotFound"],
      () => run.registry.executionByKey({ ...space, key: names.key }),
      run.signal,
    );
    if (detail === undefined) {
      return { kind: "PENDING" as const, results: [pendingResult(names, this.#names, input ?? null)] };
    }
    const kind: Kind = endOf(detail) === "succeeded" ? "SUCCEEDED" : "FAILED";
    return { kind, results: transformed(this.#config.transformation, names, this.#names, detail) };
  }

  async #flush(sink: Sink, signal: AbortSignal): Promise<void> {
    if (sink.isEmpty) return;
    const key = `${this.#folder}/${sink.nextName}.json${this.#config.isLines ? "l" : ""}`;
    const text = sink.take(this.#config.isLines);
    sink.files.push({ Key: key, Size: await this.#put(key, text, signal) });
  }

  async #put(key: string, text: string, signal: AbortSignal): Promise<number> {
    const bytes = new TextEncoder().encode(text);
    await this.#store.put({ bucket: this.#bucket, key }, bytes, signal);
    return bytes.length;
  }
}

type Kind = "SUCCEEDED" | "FAILED" | "PENDING";

/** What is to be written into the next file of one kind. */
class Sink {
  readonly files: { readonly Key: string; readonly Size: number }[] = [];
  readonly #kind: Kind;
  #lines: string[] = [];
  characters = 0;

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  get nextName(): string {
    return `${this.#kind}_${this.files.length}`;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  add(line: string): void {
    this.#lines.push(line);
    this.characters += line.length + 1;
  }

  take(isLines: boolean): string {
    const text = isLines ? `${this.#lines.join("\n")}\n` : `[${this.#lines.join(",")}]`;
    this.#lines = [];
    this.characters = 0;
    return text;
  }
}

function asWriterFailure(failure: unknown): unknown {
  return failure instanceof ObjectStoreFailed ? writerFailed(failure.message) : failure;
}
