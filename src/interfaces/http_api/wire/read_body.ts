import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { Effect } from "effect";

/** Largest body, bytes: AWS takes 1 MiB of definition, and as a JSON string it may have twice that in escapes. */
export const BODY_BYTES_MAX = 2_621_440;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The body, `undefined` when it is too long. A connection that breaks ends the call. */
export function readBody(request: IncomingMessage): Effect.Effect<Uint8Array | undefined> {
  return Effect.callback((resume) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= BODY_BYTES_MAX) return void chunks.push(chunk);
      chunks.length = 0;
      request.removeAllListeners("data");
      request.resume();
      resume(Effect.succeed(undefined));
    });
    request.on("end", () => resume(Effect.succeed(Buffer.concat(chunks))));
    request.on("error", () => resume(Effect.interrupt));
  });
}

/** The text of a body; `undefined`: it is no UTF-8. */
export function bodyText(body: Uint8Array): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}
