#!/usr/bin/env node
/**
 * Writes what AWS's services answer, for TestState's check of mocked results.
 *
 * The source is botocore's service models (Apache-2.0), as Debian's package `python3-botocore` has them; what is kept was made from
 * its version 1.37.9, in Debian 13:
 *
 *     node scripts/response_shapes.ts DIR      DIR: the package's folder `botocore/data`
 *
 * The services are those of `src/values/aws_services.ts`: a new one there wants this script run again. Only the shapes of answers are taken over, without their documentation. Member names begin with a capital letter, as Step
 * Functions has them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { gunzipSync } from "node:zlib";
import { answeringServices } from "../src/values/mod.ts";

interface ModelShape {
  readonly type: string;
  readonly min?: number;
  readonly max?: number;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly value?: { readonly shape: string };
}

interface Model {
  readonly operations: Readonly<Record<string, { readonly output?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, ModelShape>>;
}

const capitalized = (name: string) => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;

const kinds: Readonly<Record<string, string>> = {
  string: "string",
  blob: "string",
  timestamp: "string",
  character: "string",
  boolean: "boolean",
  integer: "number",
  long: "number",
  float: "number",
  double: "number",
  bigdecimal: "number",
  biginteger: "number",
};

/** The shapes that a service's answers are made of. */
class AnswerShapes {
  readonly shapes = new Map<string, unknown>();
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  /** `string`, `number`, `boolean`, or `#` and the name of a shape. */
  reference(name: string): string {
    const shape = this.#model.shapes[name];
    if (shape === undefined) throw new Error(`The model has no shape ${name}`);
    const kind = kinds[shape.type];
    if (kind !== undefined && shape.min === undefined && shape.max === undefined) return kind;
    if (!this.shapes.has(name)) {
      this.shapes.set(name, undefined);
      this.shapes.set(name, this.#shape(shape));
    }
    return `#${name}`;
  }

  #shape({ type, min, max, required = [], members = {}, member, value }: ModelShape): unknown {
    const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
    if (type === "structure") {
      return {
        kind: "object",
        members: Object.fromEntries(
          Object.entries(members).map(([name, { shape }]) => [capitalized(name), this.reference(shape)]),
        ),
        ...(required.length === 0 ? {} : { required: required.map(capitalized) }),
      };
    }
    if (type === "list" && member !== undefined) {
      return { kind: "array", ...bounds, item: this.reference(member.shape) };
    }
    if (type === "map" && value !== undefined) return { kind: "map", value: this.reference(value.shape) };
    return { kind: kinds[type] ?? type, ...bounds };
  }
}

function newestModel(folder: string): Model {
  const newest = readdirSync(folder).filter((name) => /^\d/.test(name)).sort().at(-1) ?? "";
  const plain = join(folder, newest, "service-2.json");
  const text = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`));
  return JSON.parse(text.toString("utf8"));
}

function linesOf(entries: Iterable<readonly [string, unknown]>): string {
  return [...entries].map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(",\n");
}

const [dataFolder] = process.argv.slice(2);
if (dataFolder === undefined) {
  process.stderr.write("Usage: node scripts/response_shapes.ts DIR, where DIR is botocore's folder data\n");
  process.exit(2);
}
const target = new URL("../src/interfaces/http_api/test_state/response_shapes/", import.meta.url);
mkdirSync(target, { recursive: true });
for (const service of answeringServices) {
  const model = newestModel(join(dataFolder, service));
  const answers = new AnswerShapes(model);
  const operations = Object.entries(model.operations).flatMap(([name, { output }]) =>
    output === undefined ? [] : [[name, answers.reference(output.shape)] as const]
  );
  const text = `{\n  "operations": {\n${linesOf(operations)}\n  },\n  "shapes": {\n${
    linesOf(answers.shapes)
  }\n  }\n}\n`;
  writeFileSync(new URL(`${service}.json`, target), text);
}
