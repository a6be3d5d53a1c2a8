/**
 * The requests of the NATS services over HTTP, for the command line: `POST /weft/api/executions.describe` takes and answers what
 * `weft.api.*.*.executions.describe` does (`docs/protocol.md`). Tenant and namespace are in the query.
 */
import { Buffer } from "node:buffer";
import { Effect, Result } from "effect";
import { type Engine, RequestRefused } from "../../runtime/mod.ts";
import { type Limits, present, type Space } from "../../values/mod.ts";
import { type Endpoint, endpoints, type StandingOrders } from "../nats_api/mod.ts";
import { type ConsoleReply, refusalReply } from "./answer_operation.ts";

/** A describe that waits is answered after so long, whatever has come of it, milliseconds. */
const DESCRIBE_WAIT_MS = 30_000;

/** Answers them. Nothing is kept between requests. */
export class RequestBridge {
  readonly #endpoints: ReadonlyMap<string, Endpoint>;

  constructor(engine: Engine, limits: Limits, standing: StandingOrders | undefined) {
    this.#endpoints = new Map(
      endpoints(engine, limits, DESCRIBE_WAIT_MS, standing).map((endpoint) => [
        endpoint.subject.split(".").slice(4).join("."),
        endpoint,
      ]),
    );
  }

  /** Never fails; interrupted when whoever asked has gone. @param operation such as `executions.describe` */
  answer(operation: string, space: Space, text: string): Effect.Effect<ConsoleReply> {
    const endpoint = this.#endpoints.get(operation);
    if (endpoint === undefined) {
      const message = `There is no request "${operation}"`;
      return Effect.succeed(refusal(new RequestRefused({ code: "NotFound", message })));
    }
    const accepted = endpoint.accept(space, Buffer.from(text));
    if (Result.isFailure(accepted)) return Effect.succeed(refusal(accepted.failure));
    return Effect.match(accepted.success.answer, {
      onFailure: refusal,
      onSuccess: (body) => ({ status: 200, body: body as object }),
    });
  }
}

function refusal(refused: RequestRefused): ConsoleReply {
  const { status, body } = refusalReply(refused);
  const { diagnostics, outcome } = refused;
  return { status, body: { ...body, ...present({ diagnostics, outcome }) } };
}
