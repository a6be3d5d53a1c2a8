// Goal: the items of a distributed Map come from objects in every format and every store, and its results go there.
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { Effect } from "effect";
import { jetstream } from "@nats-io/jetstream";
import { Objm } from "@nats-io/obj";
import { connect } from "@nats-io/transport-node";
import { openEmbeddedHome, openNatsHome } from "../../../src/homes/mod.ts";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { startNatsServer } from "../../support/nats_server.ts";
import { startS3 } from "../../support/integrations/s3_server.ts";
import { type UnderTest, underTest } from "../../support/integrations/both_homes.ts";

/** Objects by bucket and key. */
type Objects = Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>>;

/** A folder with these objects. */
function folderOf(t: TestContext, objects: Objects): string {
  const base = mkdtempSync(join(tmpdir(), "weft-objects-"));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const folder = join(base, "objects");
  for (const [bucket, entries] of Object.entries(objects)) {
    mkdirSync(join(folder, bucket), { recursive: true });
    for (const [key, content] of Object.entries(entries)) {
      mkdirSync(dirname(join(folder, bucket, key)), { recursive: true });
      writeFileSync(join(folder, bucket, key), content);
    }
  }
  return folder;
}

async function homeOn(t: TestContext, folder: string): Promise<UnderTest> {
  return underTest(t, await openEmbeddedHome({ partitions: 2, integrations: { objects: { folder } } }));
}

/** A machine of one distributed Map that keeps its items. */
function mapMachine(fields: JsonObject): Json {
  const config = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };
  const processor = { ProcessorConfig: config, StartAt: "Keep", States: { Keep: { Type: "Pass", End: true } } };
  return {
    StartAt: "Map",
    States: { Map: { Type: "Map", Label: "Each", ItemProcessor: processor, End: true, ...fields } },
  };
}

const reader = (config: JsonObject, parameters: JsonObject = { Bucket: "in", Key: "items" }): JsonObject => ({
  ItemReader: { Resource: "arn:aws:states:::s3:getObject", ReaderConfig: config, Parameters: parameters },
});

const csv = "Value1,Value2,Value3\nValue4,Value5,Value6\n,,,\ntrue,1,'HelloWorld'\nNull,None,\n   \n";
/** Columns `id` (INT64), `name` (STRING), `price` (DOUBLE), `at` (TIMESTAMP); three rows in groups of two, packed with Snappy. */
const parquet = Buffer.from(
  [
    "UEFSMRUGFSQVKFwVBBUAFQQVABUEFQAAAAMDEDwBAAAAAAAAAAIAAAAAAAAAFQYVIhUmXBUEFQAVBBUAFQQVAAAAAwMPOAMAAABBZGEEAAAAWm",
    "/DqxUGFSQVJFwVBBUAFQQVABUEFQAAAAMDEAAABQEk+D8AAAAAAAACQBUGFSQVIFwVBBUAFQQVABUEFQAAAAMDEAAADQEc6AMAAAAAAAAVBhUU",
    "FRhcFQIVABUCFQAVBBUAAAADAQgcAwAAAAAAAAAVBhUEFQZcFQIVAhUCFQAVBBUAAAADAAAVBhUUFRhcFQIVABUCFQAVBBUAAAADAQgcAAAAAA",
    "AAAAAVBhUUFRhcFQIVABUCFQAVBBUAAAADAQgcAKjadpsBAAAVBBlcSARyb290FQgAFQQlAhgCaWQAFQwlAhgEbmFtZSUAABUKJQIYBXByaWNl",
    "ABUEJQIYAmF0JRIAFgYZLBlMJggcFQQZFQAZGAJpZBUCFgQWThZSJgg8NgAoCAIAAAAAAAAAGAgBAAAAAAAAAAAZHBUGFQAVAgAAACZaHBUMGR",
    "UAGRgEbmFtZRUCFgQWTBZQJlo8NgAoBFpvw6sYA0FkYQAZHBUGFQAVAgAAACaqARwVChkVABkYBXByaWNlFQIWBBZOFk4mqgE8NgAoCAAAAAAA",
    "AAJAGAgAAAAAAAD4PzYAABkcFQYVABUCAAAAJvgBHBUEGRUAGRgCYXQVAhYEFk4WSib4ATw2ACgI6AMAAAAAAAAYCAAAAAAAAAAAABkcFQYVAB",
    "UCAAAAFrYCFgQ2ugIAGUwmwgIcFQQZFQAZGAJpZBUCFgIWPhZCJsICPDYAKAgDAAAAAAAAABgIAwAAAAAAAAAAGRwVBhUAFQIAAAAmhAMcFQwZ",
    "FQAZGARuYW1lFQIWAhYuFjAmhAM8NgIAGRwVBhUAFQIAAAAmtAMcFQoZFQAZGAVwcmljZRUCFgIWPhZCJrQDPDYAKAgAAAAAAAAAABgIAAAAAA",
    "AAAIA2AAAZHBUGFQAVAgAAACb2AxwVBBkVABkYAmF0FQIWAhY+FkIm9gM8NgAoCACo2nabAQAAGAgAqNp2mwEAAAAZHBUGFQAVAgAAABboARYC",
    "NvYBACgJaHlwYXJxdWV0GUwcAAAcAAAcAAAcAAAAOwIAAFBBUjE=",
  ].join(""),
  "base64",
);

const cases: readonly {
  readonly what: string;
  readonly content: string | Uint8Array;
  readonly config: JsonObject;
  readonly items?: readonly Json[];
  readonly cause?: RegExp;
}[] = [
  {
    what: "the rows of a Parquet file",
    content: parquet,
    config: { InputType: "PARQUET" },
    items: [
      { id: 1, name: "Ada", price: 1.5, at: "1970-01-01T00:00:00.000Z" },
      { id: 2, name: "Zoë", price: 2.25, at: "1970-01-01T00:00:01.000Z" },
      { id: 3, name: null, price: 0, at: "2026-01-01T00:00:00.000Z" },
    ],
  },
  {
    what: "a Parquet file as long as MaxItems says",
    content: parquet,
    config: { InputType: "PARQUET", MaxItems: 1 },
    items: [{ id: 1, name: "Ada", price: 1.5, at: "1970-01-01T00:00:00.000Z" }],
  },
  {
    what: "what is no Parquet file",
    content: "id,name\n1,Ada\n",
    config: { InputType: "PARQUET" },
    cause: /no valid Parquet file: it does not end as one/,
  },
  {
    what: "a Parquet file whose pages are damaged",
    content: parquet.map((byte, at) => at > 20 && at < 200 ? 0xff : byte),
    config: { InputType: "PARQUET" },
    cause: /no valid Parquet file/,
  },
  {
    what: "CSV with given headers: short rows are filled up [recorded from AWS]",
    content: csv,
    config: { InputType: "CSV", CSVHeaderLocation: "GIVEN", CSVHeaders: ["H1", "H2", "H3"] },
    items: [
      { H1: "Value1", H2: "Value2", H3: "Value3" },
      { H1: "Value4", H2: "Value5", H3: "Value6" },
      { H1: "", H2: "", H3: "" },
      { H1: "true", H2: "1", H3: "'HelloWorld'" },
      { H1: "Null", H2: "None", H3: "" },
      { H1: "   ", H2: "", H3: "" },
    ],
  },
  {
    what: "CSV whose first row is the header: what a row has beyond it is left out [recorded from AWS]",
    content: "H1,\nValue4,Value5,Value6\n",
    config: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
    items: [{ H1: "Value4", "": "Value5" }],
  },
  {
    what: "CSV with headers alike [recorded from AWS]",
    content: csv,
    config: { InputType: "CSV", CSVHeaderLocation: "GIVEN", CSVHeaders: ["H1", "H1", "H3"] },
    cause: /^CSV headers cannot contain duplicates\.$/,
  },
  {
    what: "CSV with another delimiter, quotes, a byte order mark and at most so many items",
    content: '\ufeffa;b\r\n"1;1";"x""y"\r\n2;\r\n3;3\r\n',
    config: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW", CSVDelimiter: "SEMICOLON", MaxItems: 2 },
    items: [{ a: "1;1", b: 'x"y' }, { a: "2", b: "" }],
  },
  {
    what: "CSV with a quote that is not closed",
    content: 'a\n"1\n2\n',
    config: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
    cause: /^The dataset is no valid CSV: /,
  },
  {
    what: "a JSON array",
    content: '[1, "two", {"three": [3, null, {"__proto__": true}]}, [], {}]',
    config: { InputType: "JSON" },
    items: [1, "two", { three: [3, null, JSON.parse('{"__proto__": true}')] }, [], {}],
  },
  {
    what: "a JSON array at a pointer",
    content: '{"x": [0], "a/b": {"": [{"n": 1}, 2]}, "y": [9]}',
    config: { InputType: "JSON", ItemsPointer: "/a~1b/" },
    items: [{ n: 1 }, 2],
  },
  {
    what: "a JSON array at a pointer, behind more than an item may be",
    content: `{"x":[${"[1,2],".repeat(800_000)}0],"y":[7]}`,
    config: { InputType: "JSON", ItemsPointer: "/y" },
    items: [7],
  },
  {
    what: "the members of a JSON object",
    content: '{"a":1,"b":{"c":[]}}',
    config: { InputType: "JSON" },
    items: [{ Key: "a", Value: 1 }, { Key: "b", Value: { c: [] } }],
  },
  {
    what: "a pointer that leads nowhere",
    content: '{"x":[1]}',
    config: { InputType: "JSON", ItemsPointer: "/y" },
    cause: /no array or object/,
  },
  {
    what: "a JSON document without items",
    content: '"text"',
    config: { InputType: "JSON" },
    cause: /no array or object/,
  },
  { what: "broken JSON", content: "[1, 2", config: { InputType: "JSON" }, cause: /^The dataset is no valid JSON: / },
  {
    what: "JSON Lines",
    content: '{"a": 1}\r\n\n2\n"three"',
    config: { InputType: "JSONL" },
    items: [{ a: 1 }, 2, "three"],
  },
  { what: "broken JSON Lines", content: "1\n{\n", config: { InputType: "JSONL" }, cause: /^Line 2 of the dataset/ },
  {
    what: "text that is not UTF-8",
    content: new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d]),
    config: { InputType: "JSON" },
    cause: /UTF-8/,
  },
  {
    what: "an item in JSON without end",
    content: `["${"x".repeat(5_000_000)}`,
    config: { InputType: "JSON" },
    cause: /^An item of the dataset has more than 4194304 characters\.$/,
  },
  {
    what: "a row of CSV without end",
    content: `a\n"${"x".repeat(5_000_000)}"\n`,
    config: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
    cause: /^The dataset is no valid CSV: /,
  },
  {
    what: "a line without end",
    content: "x".repeat(5_000_000),
    config: { InputType: "JSONL" },
    cause: /^A line of the dataset has more than 4194304 characters\.$/,
  },
  {
    what: "JSON nested without end",
    content: "[".repeat(1_000_000),
    config: { InputType: "JSON" },
    cause: /^An item nests deeper than 256 levels\.$/,
  },
  {
    what: "an item nested too deeply",
    content: `[${"[".repeat(500)}${"]".repeat(500)}]`,
    config: { InputType: "JSON" },
    cause: /^An item nests deeper than 256 levels\.$/,
  },
  {
    what: "a line nested too deeply",
    content: `${"[".repeat(500)}${"]".repeat(500)}`,
    config: { InputType: "JSONL" },
    cause: /^An item nests deeper than 256 levels\.$/,
  },
  { what: "an empty CSV", content: "", config: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" }, items: [] },
];

for (const { what, content, config, items, cause } of cases) {
  test(`items from a file: ${what}`, async (t) => {
    const { start, ended } = await homeOn(t, folderOf(t, { in: { items: content } }));
    const end = await ended(await start(mapMachine(reader(config))));
    if (cause === undefined) {
      return deepStrictEqual([end.status, end.cause, end.output], ["Succeeded", undefined, items]);
    }
    deepStrictEqual([end.status, end.error], ["Failed", "States.ItemReaderFailed"]);
    match(end.cause ?? "", cause);
  });
}

test("an item knows where it comes from [AWS: Context object]", async (t) => {
  const { start, ended } = await homeOn(t, folderOf(t, { in: { items: "[1]" } }));
  const ItemSelector = { "from.$": "$$.Map.Item.Source" };
  const list = { ItemReader: { Resource: "arn:aws:states:::s3:listObjectsV2", Parameters: { Bucket: "in" } } };
  for (
    const [fields, source] of [
      [reader({ InputType: "JSON" }), "S3://in/items"],
      [list, "S3://in"],
      [{}, "STATE_DATA"],
    ] as const
  ) {
    const end = await ended(await start(mapMachine({ ItemSelector, ...fields }), [7]));
    deepStrictEqual([end.cause, end.output], [undefined, [{ from: source }]]);
  }
});

test("MaxItemsPath to a number below 0 reads nothing [observed of AWS]", async (t) => {
  const { start, ended } = await homeOn(t, folderOf(t, { in: { items: "[1]" } }));
  const end = await ended(await start(mapMachine(reader({ InputType: "JSON", MaxItemsPath: "$.most" })), { most: -1 }));
  deepStrictEqual([end.error, end.cause], ["States.ItemReaderFailed", "field MaxItems must be positive"]);
});

test("sizes may come from variables, as digits [recorded from AWS]", async (t) => {
  const { start, ended } = await homeOn(t, folderOf(t, { in: { items: "[1,2,3,4]" } }));
  const map = mapMachine({
    ...reader({ InputType: "JSON", MaxItemsPath: "$items" }),
    ItemBatcher: { MaxItemsPerBatchPath: "$batch" },
  }) as { readonly States: JsonObject };
  const set = { Type: "Pass", Assign: { items: "3", batch: "2" }, Next: "Map" };
  const end = await ended(await start({ StartAt: "Set", States: { Set: set, ...map.States } }));
  deepStrictEqual(end.output, [{ Items: [1, 2] }, { Items: [3] }]);
});

test("items from a file that is not there, and from one that a bucket or key would have to leave the folder for", async (t) => {
  const folder = folderOf(t, { in: { "a/b": "[1]" }, "../outside": { items: "[1]" } });
  symlinkSync(join(folder, "../outside"), join(folder, "in/link"));
  const { start, ended } = await homeOn(t, folder);
  const causes: unknown[] = [];
  for (
    const [Bucket, Key] of [["in", "no"], ["no", "a/b"], ["in", "../../outside/items"], ["..", "outside/items"], [
      "in",
      "link/items",
    ]]
  ) {
    const end = await ended(
      await start(mapMachine(reader({ InputType: "JSON" }, { Bucket: `${Bucket}`, Key: `${Key}` }))),
    );
    causes.push([end.error, end.cause]);
  }
  deepStrictEqual(causes, [
    ["States.ItemReaderFailed", "The specified key does not exist."],
    ["States.ItemReaderFailed", "The specified bucket does not exist."],
    ["States.ItemReaderFailed", "The specified key is not valid: ../../outside/items"],
    ["States.ItemReaderFailed", "The specified bucket is not valid: .."],
    ["States.ItemReaderFailed", "Access Denied"],
  ]);
});

test("results are not written to where a link leads out of the folder", async (t) => {
  const folder = folderOf(t, { out: {}, "../elsewhere": { here: "" } });
  symlinkSync(join(folder, "../elsewhere"), join(folder, "out/link"));
  const { start, ended } = await homeOn(t, folder);
  const ResultWriter = { Resource: "weft:files:putObject", Parameters: { Bucket: "out", Prefix: "link/new" } };
  const end = await ended(await start(mapMachine({ ResultWriter }), [1]));
  deepStrictEqual([end.error, end.cause], ["States.ResultWriterFailed", "Access Denied"]);
  deepStrictEqual(readdirSync(join(folder, "../elsewhere")), ["here"]);
});

test("items from an S3 inventory and from what Athena has unloaded", async (t) => {
  const manifest = {
    destinationBucket: "arn:aws:s3:::in",
    fileFormat: "CSV",
    fileSchema: "Bucket, Key, Size",
    files: [{ key: "data/1.csv.gz" }, { key: "data/2.csv.gz" }],
  };
  const { start, ended } = await homeOn(
    t,
    folderOf(t, {
      in: {
        "manifest.json": JSON.stringify(manifest),
        "data/1.csv.gz": gzipSync('"b","k1","1"\n"b","k2","2"\n'),
        "data/2.csv.gz": gzipSync('"b","k3","3"\n'),
        unloaded: "s3://in/data/1.jsonl\ns3://in/data/2.jsonl\n",
        "data/1.jsonl": "1\n2\n",
        "data/2.jsonl": "3\n",
      },
    }),
  );
  const inventory = reader({ InputType: "MANIFEST" }, { Bucket: "in", Key: "manifest.json" });
  deepStrictEqual((await ended(await start(mapMachine(inventory)))).output, [
    { Bucket: "b", Key: "k1", Size: "1" },
    { Bucket: "b", Key: "k2", Size: "2" },
    { Bucket: "b", Key: "k3", Size: "3" },
  ]);
  const unloaded = reader({ InputType: "JSONL", ManifestType: "ATHENA_DATA" }, { Bucket: "in", Key: "unloaded" });
  deepStrictEqual((await ended(await start(mapMachine(unloaded)))).output, [1, 2, 3]);
});

const listing = (config: JsonObject = {}, prefix = "p/"): JsonObject => ({
  ItemReader: {
    Resource: "arn:aws:states:::s3:listObjectsV2",
    ReaderConfig: config,
    Parameters: { Bucket: "in", Prefix: prefix },
  },
  ItemSelector: {
    "key.$": "$$.Map.Item.Value.Key",
    "size.$": "$$.Map.Item.Value.Size",
    "index.$": "$$.Map.Item.Index",
  },
});
const listedObjects = { in: { "p/a": "1\n", "p/b/c": "2\n3\n", "p/b0": "", "q": "4\n" } };
const listed = [{ key: "p/a", size: 2, index: 0 }, { key: "p/b/c", size: 4, index: 1 }, {
  key: "p/b0",
  size: 0,
  index: 2,
}];

test("items from a list of files, as they are and loaded", async (t) => {
  const { start, ended } = await homeOn(t, folderOf(t, listedObjects));
  deepStrictEqual((await ended(await start(mapMachine(listing())))).output, listed);
  const { ItemReader } = listing({ InputType: "JSONL", Transformation: "LOAD_AND_FLATTEN" });
  deepStrictEqual((await ended(await start(mapMachine({ ItemReader: ItemReader ?? null })))).output, [1, 2, 3]);
});

test("items from S3, results to S3", async (t) => {
  const many = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`many/${index} ü&`, "x"]));
  const server = await startS3({
    in: { ...listedObjects.in, ...many, items: "[1,2,3]", broken: `[${"1,".repeat(50_000)}1]` },
    out: {},
  });
  t.after(() => server.close());
  const s3 = { endpoint: server.endpoint, region: "us-east-1", accessKeyId: "key", secretAccessKey: "secret" };
  const { start, ended } = underTest(
    t,
    await openEmbeddedHome({ partitions: 2, integrations: { objects: { s3 } } }),
  );
  deepStrictEqual((await ended(await start(mapMachine(listing())))).output, listed);
  const pages = await ended(await start(mapMachine(listing({}, "many/"))));
  deepStrictEqual((pages.output as readonly { key: string }[]).map(({ key }) => key), Object.keys(many));
  const ResultWriter = { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "out", Prefix: "runs" } };
  const end = await ended(await start(mapMachine({ ...reader({ InputType: "JSON" }), ResultWriter })));
  const { MapRunArn, ResultWriterDetails: { Bucket, Key } } = end.output as {
    MapRunArn: string;
    ResultWriterDetails: { Bucket: string; Key: string };
  };
  match(MapRunArn, /^arn:aws:states:us-east-1:\d{12}:mapRun:machine\/Each:[0-9a-f-]{36}$/);
  const id = MapRunArn.slice(MapRunArn.lastIndexOf(":") + 1);
  deepStrictEqual([Bucket, Key], ["out", `runs/${id}/manifest.json`]);
  const manifest = JSON.parse(server.buckets.get("out")?.get(Key) ?? "");
  const succeeded = server.buckets.get("out")?.get(`runs/${id}/SUCCEEDED_0.json`) ?? "";
  deepStrictEqual(manifest, {
    DestinationBucket: "out",
    MapRunArn,
    ResultFiles: {
      FAILED: [],
      PENDING: [],
      SUCCEEDED: [{ Key: `runs/${id}/SUCCEEDED_0.json`, Size: Buffer.byteLength(succeeded) }],
    },
  });
  const results = JSON.parse(succeeded);
  deepStrictEqual(
    results.map(({ Output, Status }: JsonObject) => [Output, Status]),
    [1, 2, 3].map((n) => [`${n}`, "SUCCEEDED"]),
  );
  match(results[0].ExecutionArn, /^arn:aws:states:us-east-1:\d{12}:execution:machine\/Each:[0-9a-f-]{36}$/);
  const wrong = await ended(await start(mapMachine(reader({ InputType: "JSON" }, { Bucket: "in", Key: "no" }))));
  deepStrictEqual([wrong.error, wrong.cause], ["States.ItemReaderFailed", "The specified key does not exist."]);
  const broken = await ended(
    await start(mapMachine(reader({ InputType: "JSON", MaxItems: 60_000 }, { Bucket: "in", Key: "broken" }))),
  );
  deepStrictEqual([broken.error, broken.cause], [
    "States.ItemReaderFailed",
    "The object store broke off in the middle of an object",
  ]);
});

test("items from the NATS object store, results into it", async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const connection = await connect({ servers: server.url });
  t.after(() => connection.close());
  const objects = new Objm(jetstream(connection));
  const bucket = await objects.create("data");
  for (const [name, text] of Object.entries({ ...listedObjects.in, items: '{"a":1}\n{"a":2}\n' })) {
    await bucket.putBlob({ name }, new TextEncoder().encode(text));
  }
  const home = await openNatsHome({ url: server.url, partitions: 2, version: "0.0.1" });
  const { start, ended } = underTest(t, home);
  const ItemReader = {
    Resource: "weft:nats:getObject",
    ReaderConfig: { InputType: "JSONL" },
    Parameters: { Bucket: "data", Key: "items" },
  };
  const ResultWriter = {
    Resource: "weft:nats:putObject",
    Parameters: { Bucket: "data" },
    WriterConfig: { OutputType: "JSONL", Transformation: "COMPACT" },
  };
  const end = await ended(await start(mapMachine({ ItemReader, ResultWriter })));
  strictEqual(end.status, "Succeeded", end.cause);
  const { ResultWriterDetails: { Key } } = end.output as { ResultWriterDetails: { Key: string } };
  const lines = await bucket.getBlob(Key.replace("manifest.json", "SUCCEEDED_0.jsonl"));
  strictEqual(new TextDecoder().decode(lines ?? undefined), '{"a":1}\n{"a":2}\n');
  const fromList = {
    ...listing(),
    ItemReader: { Resource: "weft:nats:listObjectsV2", Parameters: { Bucket: "data", Prefix: "p/" } },
  };
  deepStrictEqual((await ended(await start(mapMachine(fromList)))).output, listed);
});

test("results of children that failed and that never began are written as well", async (t) => {
  const folder = folderOf(t, { out: {} });
  const { home, space, start, ended } = await homeOn(t, folder);
  const config = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };
  const processor = {
    ProcessorConfig: config,
    StartAt: "Check",
    States: {
      Check: { Type: "Choice", Choices: [{ Variable: "$", NumericEquals: 2, Next: "Bad" }], Default: "Good" },
      Good: { Type: "Succeed" },
      Bad: { Type: "Fail", Error: "Own", Cause: "why" },
    },
  };
  const end = await ended(
    await start(
      mapMachine({
        ItemProcessor: processor,
        MaxConcurrency: 1,
        ResultWriter: { Resource: "weft:files:putObject", Parameters: { Bucket: "out", Prefix: "x/" } },
      }),
      [1, 2, 3, 4],
    ),
  );
  deepStrictEqual(
    [end.error, end.cause],
    ["States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded"],
  );
  const [task] = (await Effect.runPromise(home.engine.executionHistory({ ...space, executionId: end.executionId })))
    .events.filter(({ type }) => type === "TaskCreatedEvent");
  const { mapRun } = task?.["input"] as { mapRun: string };
  const fileOf = (name: string) => JSON.parse(readFileSync(join(folder, "out/x", mapRun, name), "utf8"));
  const { FAILED, PENDING, SUCCEEDED } = fileOf("manifest.json").ResultFiles;
  deepStrictEqual([FAILED.length, PENDING.length, SUCCEEDED.length], [1, 1, 1]);
  deepStrictEqual(fileOf("SUCCEEDED_0.json").map(({ Output }: JsonObject) => Output), ["1"]);
  deepStrictEqual(fileOf("FAILED_0.json").map(({ Error, Cause, Status }: JsonObject) => [Error, Cause, Status]), [
    ["Own", "why", "FAILED"],
  ]);
  deepStrictEqual(fileOf("PENDING_0.json").map(({ Input }: JsonObject) => Input), ["3", "4"]);
});
