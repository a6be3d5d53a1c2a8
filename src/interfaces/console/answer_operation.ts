/** One request for an operation, from its body's text to its answer's: no HTTP in here. */
import { Cause, Effect, Result } from "effect";
import { authorize, type Caller, consoleActions } from "../../access/mod.ts";
import { type ApiCode, RequestRefused } from "../../runtime/mod.ts";
import {
  isJsonObject,
  jsonDepthExceeds,
  type JsonObject,
  type Limits,
  parseJson,
  present,
  type Space,
} from "../../values/mod.ts";
import { type ConsoleCall, type ConsoleOperation, invalid, spaceAsked } from "./operation.ts";

/** What goes back. */
export interface ConsoleReply {
  readonly status: number;
  readonly body: object;
}

const statusOf: Readonly<Record<ApiCode, number>> = {
  NotFound: 404,
  AlreadyExists: 409,
  InvalidArgument: 400,
  InvalidDefinition: 400,
  InvalidStatus: 409,
  InvalidToken: 400,
  PayloadTooLarge: 413,
  LimitExceeded: 429,
  Unavailable: 503,
  Internal: 500,
};

/** A refusal as it goes back. */
export function refusalReply({ code, message }: RequestRefused): ConsoleReply {
  return { status: statusOf[code], body: { code, message } };
}

/** The same for whatever is there and is not. */
export const deniedReply: ConsoleReply = {
  status: 403,
  body: { code: "AccessDeniedException", message: "The role of this key or token does not allow it, or not here" },
};

/** What was asked for, and by whom. */
export interface AskedOperation {
  /** As it stands behind `/weft/`. */
  readonly name: string;
  readonly operation: ConsoleOperation;
  readonly caller: Caller;
}

/** Whose executions are meant where a request does not say. */
export function ownSpace({ tenant, regions }: Caller, settings: Space): Space {
  return { tenant: tenant ?? settings.tenant, namespace: regions?.[0] ?? settings.namespace };
}

/** Answers a call. Never fails: a defect is logged and becomes `Internal`. @param using without its space, which the request may name */
export function answerOperation(
  { name, operation, caller }: AskedOperation,
  using: Omit<ConsoleCall, "space" | "scope">,
  settings: Space,
  bodyText: string,
): Effect.Effect<ConsoleReply> {
  const accepted = accept(operation, using.limits, ownSpace(caller, settings), bodyText);
  if (Result.isFailure(accepted)) return Effect.succeed(refusalReply(accepted.failure));
  const { space, run } = accepted.success;
  const action = consoleActions.get(name);
  const named = [space, ...accepted.success.named];
  if (action === undefined || named.some((one) => authorize(caller, action, one) !== undefined)) {
    return Effect.succeed(deniedReply);
  }
  const call: ConsoleCall = {
    ...using,
    space,
    scope: { account: space.tenant, region: space.namespace },
    ...present({ sealedTenant: caller.tenant }),
  };
  return Effect.matchCauseEffect(Effect.suspend(() => run(call)), {
    onSuccess: (body) => Effect.succeed({ status: 200, body }),
    onFailure: (cause) => {
      const failure = Cause.findError(cause);
      if (Result.isSuccess(failure)) return Effect.succeed(refusalReply(failure.success));
      if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt;
      return Effect.as(
        Effect.logError("A call of the console died").pipe(Effect.annotateLogs({ cause: Cause.pretty(cause) })),
        refusalReply(
          new RequestRefused({ code: "Internal", message: "The call failed within Weft; its log says why" }),
        ),
      );
    },
  });
}

function accept(operation: ConsoleOperation, { jsonDepthMax }: Limits, settings: Space, bodyText: string) {
  // The request itself is one level around a payload.
  if (jsonDepthExceeds(bodyText, jsonDepthMax + 1)) return Result.fail(invalid("The request nests too deep"));
  let body;
  try {
    body = bodyText.trim() === "" ? {} : parseJson(bodyText);
  } catch {
    return Result.fail(invalid("Expected the request to be JSON"));
  }
  if (!isJsonObject(body)) return Result.fail(invalid("Expected the request to be a JSON object"));
  return Result.flatMap(
    spaceAsked(body, settings),
    (space) => Result.map(operation.accept(body), (run) => ({ space, named: spacesNamed(body), run })),
  );
}

/** Whose the execution is that a request names by its ARN. */
function spacesNamed({ arn }: JsonObject): readonly Space[] {
  const parsed = typeof arn === "string" ? /^arn:[^:]*:states:([^:]*):([^:]+):/.exec(arn) : null;
  const [, namespace, tenant] = parsed ?? [];
  return namespace === undefined || tenant === undefined ? [] : [{ tenant, namespace }];
}
