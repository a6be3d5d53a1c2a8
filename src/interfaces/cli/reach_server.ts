/** Reaching a server, and saying what to do where that fails. */
import type { CommandScope } from "./command_scope.ts";
import type { ClientPort, ConnectionOptions } from "./homes.ts";
import { type ConnectionFlags, connectionOf } from "./options/connection_options.ts";
import { asCliFailure, CliFailure } from "./output/failure.ts";

/** Connects, does `work`, and closes the connection whatever comes. */
export async function withClient<T>(
  scope: CommandScope,
  flags: ConnectionFlags,
  work: (client: ClientPort, connection: ConnectionOptions) => Promise<T>,
): Promise<T> {
  const connection = connectionOf(scope.io, flags);
  const client = await reaching(connection.url, scope.homes.connectClient(connection));
  try {
    return await work(client, connection);
  } finally {
    await client.close();
  }
}

/** What a home promises, or the failure that says NATS could not be reached and what to do. */
export async function reaching<T>(url: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (thrown) {
    const failure = asCliFailure(thrown);
    if (failure.code !== "Failed") throw failure;
    // A tagged failure of another kind: the server is there, and is not fit.
    if (hasOtherTag(thrown)) {
      throw new CliFailure(failure.message, { code: "Failed", hint: "`weft doctor` looks closer.", cause: thrown });
    }
    throw new CliFailure(`Cannot reach NATS at ${withoutPassword(url)}: ${rootMessage(thrown)}`, {
      code: "Unreachable",
      hint: "Start one with `nats-server --jetstream`, or say where it is: --nats URL or WEFT_NATS_URL.",
      details: { url: withoutPassword(url) },
      cause: thrown,
    });
  }
}

function hasOtherTag(thrown: unknown): boolean {
  return thrown instanceof Error && "_tag" in thrown && thrown._tag !== "NatsUnavailable";
}

/** The message of the innermost cause: outer ones only say what was tried. */
function rootMessage(thrown: unknown): string {
  let inner = thrown;
  for (let depth = 0; depth < 8; depth += 1) {
    if (!(inner instanceof Error) || !(inner.cause instanceof Error)) break;
    inner = inner.cause;
  }
  if (!(inner instanceof Error)) return String(inner);
  return inner.message !== "" ? inner.message : inner.name;
}

/** A NATS address fit for a screen: `nats://user:***@host`. */
export function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:/@\s]*):[^@\s]*@/, "$1:***@").replace(/\/\/[^:/@\s]+@/, "//***@");
}
