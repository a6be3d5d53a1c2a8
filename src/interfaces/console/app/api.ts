/** What the page asks of the server: Weft's own operations, the AWS API on the same port, and streams. */
import { signal } from "@preact/signals";
import type { WireJson, WireRefusal } from "../wire.ts";

/** A request that came to nothing, and the server's word why. */
export class Refused extends Error {
  readonly code: string;

  /** @param refusal as the server gave it */
  constructor({ code, message }: WireRefusal) {
    super(message);
    this.code = code;
  }
}

/** False while the server does not answer. */
export const isReachable = signal(true);

/** Asks one of the console's operations. @throws {Refused} */
export async function ask<T>(operation: string, request: object = {}): Promise<T> {
  return await post(`/weft/${operation}`, request, { "content-type": "application/json" });
}

/** Asks an operation of the AWS API. @throws {Refused} */
export async function askAws<T>(operation: string, request: object = {}): Promise<T> {
  return await post("/", request, {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": `AWSStepFunctions.${operation}`,
  });
}

async function post<T>(path: string, request: object, headers: Readonly<Record<string, string>>): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { method: "POST", headers, body: JSON.stringify(request) });
  } catch {
    isReachable.value = false;
    throw new Refused({ code: "Unreachable", message: "The server does not answer" });
  }
  isReachable.value = true;
  const body = await response.json();
  if (response.ok) return body;
  const code = String(body.code ?? body.__type ?? response.status).split("#").at(-1) ?? "";
  throw new Refused({ code, message: String(body.message ?? code) });
}

/** A failure as a sentence. */
export function sentence(failure: unknown): string {
  if (failure instanceof Refused) return `${failure.code}: ${failure.message}`;
  return failure instanceof Error ? failure.message : String(failure);
}

/**
 * Follows a stream until the returned function is called. `opened` is called with each connection, the first and those after a loss:
 * what came in between has to be read.
 */
export function follow<T>(query: string, heard: (message: T) => void, opened: () => void): () => void {
  const source = new EventSource(`/weft/stream${query}`);
  source.onopen = () => {
    isReachable.value = true;
    opened();
  };
  source.onerror = () => {
    isReachable.value = false;
  };
  source.onmessage = ({ data }) => heard(JSON.parse(data));
  return () => source.close();
}

/** A field of a JSON object, or `undefined`. */
export function field(value: WireJson | undefined, name: string): WireJson | undefined {
  if (typeof value !== "object" || value === null || isList(value)) return undefined;
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** True for a JSON array. */
export function isList(value: WireJson | undefined): value is readonly WireJson[] {
  return Array.isArray(value);
}

/** A field that is a string. */
export function textOf(value: WireJson | undefined, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === "string" ? found : undefined;
}

/** A field that is a number. */
export function numberOf(value: WireJson | undefined, name: string): number | undefined {
  const found = field(value, name);
  return typeof found === "number" ? found : undefined;
}
