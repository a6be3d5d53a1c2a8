/**
 * `ResultWriter`: the results of a Map Run as objects, in files by how the children ended, and a manifest that names the files.
 *
 * Nothing is collected while children run: the ended ones are asked for again, in the order of the items, and written as they come. So
 * whoever writes again after a crash writes the same; the manifest comes last and is what counts.
 */
import { Effect, Result, Schema, Stream } from "effect";
import type { Json, JsonObject, Space } from "../../values/mod.ts";
import { type ObjectStore, type ObjectStoreFailed, type ObjectStores, stored, storeFor } from "../object_stores/mod.ts";
import { type Answer, unlessRefused, untilAnswered } from "../engine_requests.ts";
import type { IntegrationRun } from "../port.ts";
import type { ChildrenFailure } from "./children.ts";
import { type MapRunFailed, writerFailed } from "./map_run_failed.ts";
import type { MapRunNames } from "./map_run_names.ts";
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

  /** `undefined` where results are not written. Fails with `States.ResultWriterFailed`. */
  static open(
    writer: Json | undefined,
    stores: ObjectStores,
    names: MapRunNames,
    mapRun: string,
  ): Effect.Effect<ResultFiles | undefined, MapRunFailed> {
    if (writer === undefined) return Effect.succeed(undefined);
    const decoded = decode(writer);
    if (Result.isFailure(decoded)) {
      return Effect.fail(writerFailed(`The ResultWriter is not valid: ${decoded.failure.message}`));
    }
    const { Resource, Parameters, Arguments } = decoded.success;
    if (Resource === undefined) return Effect.succeed(undefined);
    const { Bucket, Prefix = "" } = Arguments ?? Parameters ?? {};
    if (Bucket === undefined) return Effect.fail(writerFailed("The ResultWriter names no bucket"));
    const folder = Prefix === "" ? mapRun : `${Prefix.replace(/\/+$/, "")}/${mapRun}`;
    const found = Effect.mapError(stored(() => Promise.resolve(storeFor(stores, Resource))), asWriterFailure);
    return Effect.flatMap(
      found,
      ({ store, action }) =>
        action === "putObject"
          ? Effect.succeed(new ResultFiles(store, Bucket, folder, writer, names))
          : Effect.fail(writerFailed(`The resource "${Resource}" writes nothing`)),
    );
  }

  /** Writes all results, and gives the Map state's own. Fails with `States.ResultWriterFailed`. */
  write(
    children: Stream.Stream<Reported, MapRunFailed>,
    run: IntegrationRun,
    space: Space,
  ): Effect.Effect<JsonObject, ChildrenFailure> {
    const sinks = {
      SUCCEEDED: new Sink("SUCCEEDED"),
      FAILED: new Sink("FAILED"),
      PENDING: new Sink("PENDING"),
    };
    const results = Stream.mapEffect(children, (child) => this.#resultOf(child, run, space), {
      concurrency: ASKED_AT_ONCE,
    });
    const written = Stream.runForEach(
      results,
      ({ kind, results }) => Effect.forEach(results, (result) => this.#add(sinks[kind], result), { discard: true }),
    );
    return Effect.gen({ self: this }, function* () {
      yield* written;
      for (const sink of Object.values(sinks)) yield* this.#flush(sink);
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
      yield* this.#put(key, JSON.stringify(manifest));
      return { MapRunArn: this.#names.mapRunArn, ResultWriterDetails: { Bucket: this.#bucket, Key: key } };
    });
  }

  #resultOf(
    { index, input }: Reported,
    { registry }: IntegrationRun,
    space: Space,
  ): Answer<{ readonly kind: Kind; readonly results: readonly Json[] }> {
    const names = this.#names.child(index);
    const found = unlessRefused(
      ["NotFound"],
      untilAnswered(() => registry.executionByKey({ ...space, key: names.key })),
    );
    return Effect.map(found, (detail) => {
      if (detail === undefined) {
        return { kind: "PENDING", results: [pendingResult(names, this.#names, input ?? null)] };
      }
      const kind = endOf(detail) === "succeeded" ? "SUCCEEDED" : "FAILED";
      return { kind, results: transformed(this.#config.transformation, names, this.#names, detail) };
    });
  }

  #add(sink: Sink, result: Json): Effect.Effect<void, MapRunFailed> {
    sink.add(JSON.stringify(result));
    return sink.characters >= FILE_CHARACTERS_MAX ? this.#flush(sink) : Effect.void;
  }

  #flush(sink: Sink): Effect.Effect<void, MapRunFailed> {
    if (sink.isEmpty) return Effect.void;
    const key = `${this.#folder}/${sink.nextName}.json${this.#config.isLines ? "l" : ""}`;
    return Effect.map(
      this.#put(key, sink.take(this.#config.isLines)),
      (size) => void sink.files.push({ Key: key, Size: size }),
    );
  }

  #put(key: string, text: string): Effect.Effect<number, MapRunFailed> {
    const bytes = new TextEncoder().encode(text);
    const put = stored((signal) => this.#store.put({ bucket: this.#bucket, key }, bytes, signal));
    return Effect.mapBoth(put, { onSuccess: () => bytes.length, onFailure: asWriterFailure });
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

function asWriterFailure({ message }: ObjectStoreFailed): MapRunFailed {
  return writerFailed(message);
}
