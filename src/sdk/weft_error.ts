import type { Msg } from "@nats-io/transport-node";
import type { ApiCode, WorkflowDescription } from "../runtime/engine.ts";

type Diagnostics = NonNullable<WorkflowDescription["diagnostics"]>;

/**
 * The engine's codes, and what a client finds out by itself: `Timeout` (no answer in time: the request may have been carried out)
 * and `ConnectionClosed`.
 */
export type WeftErrorCode = ApiCode | "Timeout" | "ConnectionClosed";

/** A request that failed; `docs/errors.md` says of each code what it means and what to do. */
export class WeftError extends Error {
  override readonly name = "WeftError";
  readonly code: WeftErrorCode;
  /** True when the request may have been carried out all the same. */
  readonly isOutcomeUnknown: boolean;
  /** `InvalidDefinition`: what is wrong with it. */
  readonly diagnostics: Diagnostics;

  constructor(
    code: WeftErrorCode,
    message: string,
    details: { readonly isOutcomeUnknown?: boolean; readonly diagnostics?: Diagnostics } = {},
  ) {
    super(message);
    this.code = code;
    this.isOutcomeUnknown = details.isOutcomeUnknown ?? false;
    this.diagnostics = details.diagnostics ?? [];
  }
}

interface RefusalBody {
  readonly error?: { readonly code?: WeftErrorCode; readonly message?: string; readonly outcome?: string };
  readonly diagnostics?: Diagnostics;
}

/** The refusal that a reply is, or `undefined` when it is an answer. */
export function refusalOf(reply: Msg): WeftError | undefined {
  // Answers have no headers at all: this is decided without decoding any.
  const status = reply.headers?.get("Nats-Service-Error-Code") ?? "";
  if (status === "") return undefined;
  const { error, diagnostics = [] } = readBody(reply);
  const text = error?.message ?? reply.headers?.get("Nats-Service-Error") ?? "";
  return new WeftError(error?.code ?? "Internal", text, {
    isOutcomeUnknown: error?.outcome === "unknown",
    diagnostics,
  });
}

/** A proxy or another service may answer with headers alone. */
function readBody(reply: Msg): RefusalBody {
  try {
    return reply.json<RefusalBody>();
  } catch {
    return {};
  }
}
