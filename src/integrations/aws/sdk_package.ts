/**
 * AWS's own SDK, one package a service, found when a task first calls the service: beside Weft, or in the working folder. Weft depends on
 * none of them. What comes out of a package is looked at here, and nowhere else.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import process from "node:process";
import type { ShapeSchema } from "./shapes.ts";

/** Where a service is, and by whose keys. */
export interface ServiceAddress {
  readonly region: string;
  /** Absent: AWS's own. */
  readonly endpoint?: string;
  /** Absent: as the SDK finds them. Secret. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly timeoutMs: number;
  /** Of an answer. */
  readonly bytesMax: number;
}

/** What came back. */
export interface SdkAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly requestId: string;
  readonly output: object;
  /** Of members that are streams. */
  readonly bodies: ReadonlyMap<string, Uint8Array>;
}

/** A service's refusal, or that none came. */
export interface SdkRefusal {
  /** `AccessDenied`; the class of the failure where the service said nothing. */
  readonly code: string;
  readonly message: string;
  /** Absent: the service was not reached, or what came was no answer. */
  readonly status?: number;
  readonly requestId: string;
  readonly extendedRequestId?: string;
  readonly attempts: number;
  /** The service's model knows it. */
  readonly isModeled: boolean;
}

/** An answer has more bytes than it may. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";
}

/** A package that is not installed, or is not what it should be: the message says what to do. */
export class PackageMissing extends Error {
  override readonly name = "PackageMissing";
}

/** One call that a package knows. */
export interface SdkCall {
  readonly input: ShapeSchema;
  readonly output: ShapeSchema;
  /** Rejects with what the SDK fails with; `refusalOf` reads it. */
  send(input: object, signal: AbortSignal): Promise<SdkAnswer>;
}

type Constructor = new (given: object) => object;
type Middleware = (next: (given: object) => Promise<object>) => (given: object) => Promise<object>;
interface Stack {
  add(middleware: Middleware, options: object): void;
  addRelativeTo(middleware: Middleware, options: object): void;
  clone(): Stack;
}
interface SdkClient {
  readonly config: { readonly serviceId: string };
  send(command: object, options: { readonly abortSignal: AbortSignal }): Promise<object>;
  destroy(): void;
}
interface SdkCommand {
  readonly schema: readonly unknown[];
  readonly middlewareStack: Stack;
}

const OPERATION_INPUT = 4;
const OPERATION_OUTPUT = 5;
const CONNECT_MS_MAX = 10_000;

/** A service by its package. */
export class SdkService {
  readonly serviceId: string;
  readonly #exports: Readonly<Record<string, unknown>>;
  readonly #client: SdkClient;
  readonly #schemaOf: (reference: unknown) => ShapeSchema;
  readonly #bytesMax: number;

  /** @throws {PackageMissing} */
  constructor(packageName: string, address: ServiceAddress) {
    const { exports, schemaOf } = load(packageName);
    this.#exports = exports;
    this.#schemaOf = schemaOf;
    this.#bytesMax = address.bytesMax;
    const Client = exportedClass(exports, clientName(exports));
    if (Client === undefined) throw new PackageMissing(`The package ${packageName} has no client`);
    const { region, endpoint, credentials, timeoutMs } = address;
    this.#client = new Client({
      region,
      ...(credentials === undefined ? {} : { credentials }),
      // A queue's URL comes from a definition: it is not to say where requests go.
      useQueueUrlAsEndpoint: false,
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true, disableHostPrefix: true }),
      requestHandler: { connectionTimeout: CONNECT_MS_MAX, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
    }) as SdkClient; // every client of the SDK is one
    this.serviceId = this.#client.config.serviceId;
  }

  /** The call of this name, such as `putItem`; `undefined` where the package has none. */
  call(action: string): SdkCall | undefined {
    const Command = exportedClass(this.#exports, `${action.slice(0, 1).toUpperCase()}${action.slice(1)}Command`);
    if (Command === undefined) return undefined;
    const { schema } = new Command({}) as SdkCommand; // every command of the SDK is one
    if (!Array.isArray(schema)) return undefined;
    return {
      input: this.#schemaOf(schema[OPERATION_INPUT]),
      output: this.#schemaOf(schema[OPERATION_OUTPUT]),
      send: (input, signal) => this.#send(new Command(input) as object & SdkCommand, signal),
    };
  }

  /** What a call failed with; `undefined` for what is none of the SDK's failures. */
  refusalOf(failure: unknown): SdkRefusal | undefined {
    if (!(failure instanceof Error)) return undefined;
    const { $metadata } = failure as { readonly $metadata?: Readonly<Record<string, unknown>> };
    const { httpStatusCode, requestId, extendedRequestId, attempts } = $metadata ?? {};
    const Modeled = exportedClass(this.#exports, failure.name) ??
      exportedClass(this.#exports, `${failure.name}Exception`);
    return {
      code: failure.name,
      message: failure.message,
      ...("$fault" in failure && typeof httpStatusCode === "number" ? { status: httpStatusCode } : {}),
      requestId: typeof requestId === "string" ? requestId : "",
      ...(typeof extendedRequestId === "string" ? { extendedRequestId } : {}),
      attempts: typeof attempts === "number" ? attempts : 1,
      isModeled: Modeled !== undefined && failure instanceof Modeled,
    };
  }

  close(): void {
    this.#client.destroy();
  }

  async #send(command: object & SdkCommand, signal: AbortSignal): Promise<SdkAnswer> {
    const seen: { status: number; headers: readonly (readonly [string, string])[] } = { status: 200, headers: [] };
    command.middlewareStack.addRelativeTo(
      (next) => async (given) => {
        const result = await next(given);
        const { response } = result as { readonly response: SdkHttpResponse };
        seen.status = response.statusCode;
        seen.headers = Object.entries(response.headers);
        response.body = bounded(response.body, this.#bytesMax);
        return result;
      },
      { name: "weftAnswer", relation: "after", toMiddleware: "deserializerMiddleware", override: true },
    );
    const output = await this.#client.send(command, { abortSignal: signal });
    const bodies = new Map<string, Uint8Array>();
    for (const [name, value] of Object.entries(output)) {
      if (isBody(value)) bodies.set(name, await value.transformToByteArray());
    }
    const { $metadata } = output as { readonly $metadata?: { readonly requestId?: string } };
    return { ...seen, requestId: $metadata?.requestId ?? "", output, bodies };
  }
}

interface SdkHttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: unknown;
}

function isBody(value: unknown): value is { transformToByteArray(): Promise<Uint8Array> } {
  return typeof value === "object" && value !== null && "transformToByteArray" in value;
}

/** The same stream, broken off once it has given more bytes than it may. */
function bounded(body: unknown, bytesMax: number): unknown {
  if (typeof body !== "object" || body === null || !("pipe" in body)) return body;
  const source = body as Readable; // the SDK's handler for Node gives one
  let bytes = 0;
  const passed = new PassThrough({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= bytesMax) return done(null, chunk);
      source.destroy();
      done(new AnswerTooLarge(`The answer has more than ${bytesMax} bytes`));
    },
  });
  source.on("error", (failure) => passed.destroy(failure));
  passed.on("close", () => source.destroy());
  return source.pipe(passed);
}

function clientName(exports: Readonly<Record<string, unknown>>): string {
  return Object.keys(exports).find((name) => name.endsWith("Client") && name !== "__Client") ?? "";
}

function exportedClass(exports: Readonly<Record<string, unknown>>, name: string): Constructor | undefined {
  const value = Object.hasOwn(exports, name) ? exports[name] : undefined;
  return typeof value === "function" ? value as Constructor : undefined; // the SDK's exports by these names are classes
}

/** @throws {PackageMissing} */
function load(name: string) {
  const places = [import.meta.url, join(process.cwd(), "package.json")];
  for (const place of places) {
    const require = createRequire(place);
    const at = resolved(require, name);
    if (at === undefined) continue;
    const exports: Readonly<Record<string, unknown>> = require(at);
    const beside = createRequire(at);
    const schemas = resolved(beside, "@smithy/core/schema");
    if (schemas === undefined) break;
    const { NormalizedSchema }: { NormalizedSchema: { of(reference: unknown): ShapeSchema } } = beside(schemas);
    return { exports, schemaOf: (reference: unknown) => NormalizedSchema.of(reference) };
  }
  throw new PackageMissing(`Calls of this service are made by AWS's SDK: install it with "npm install ${name}@latest"`);
}

function resolved(require: ReturnType<typeof createRequire>, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}
