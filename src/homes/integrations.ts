/** Which tasks a home does by itself, and with what. */
import { Effect, type Scope } from "effect";
import {
  type Integration,
  IntegrationRunner,
  LambdaIntegration,
  MapRunIntegration,
  NestedIntegration,
} from "../integrations/mod.ts";
import { defaultLimits } from "../values/mod.ts";

/** A settings file as it was read. */
export interface SettingsFile {
  /** For messages. */
  readonly path: string;
  readonly text: string;
}

/** What the integrations of a home are set up with; what is absent is not there. */
export interface IntegrationSettings {
  /** Further ones, asked first. */
  readonly own?: readonly Integration[];
  /** `http://host:port` of a Lambda Invoke API. Absent: tasks of functions go to workers by the function's ARN. */
  readonly lambdaEndpoint?: string;
  /** Credentials of HTTP endpoints, by the ARN of their connection. Secret. */
  readonly httpConnections?: SettingsFile;
  /** Internal networks that HTTP tasks may reach all the same: hosts, addresses, `address/bits`, or `*`. */
  readonly httpInternal?: readonly string[];
  /** Step Functions Local's mock configuration. */
  readonly mockConfig?: SettingsFile;
}

/** The integrations' runner; what it has in hand is aborted when the scope closes. To be started with the node, once that runs. */
export function startIntegrations(
  settings: IntegrationSettings = {},
): Effect.Effect<IntegrationRunner, never, Scope.Scope> {
  return Effect.gen(function* () {
    const runFork = Effect.runForkWith(yield* Effect.context<never>());
    const runner = new IntegrationRunner(integrationsOf(settings), {
      limits: defaultLimits,
      log: (entry) => void runFork(entry),
    });
    yield* Effect.addFinalizer(() => Effect.sync(() => runner.stop()));
    return runner;
  });
}

function integrationsOf({ own = [], lambdaEndpoint }: IntegrationSettings): readonly Integration[] {
  return [
    ...own,
    new MapRunIntegration({ limits: defaultLimits }),
    new NestedIntegration(),
    ...(lambdaEndpoint === undefined ? [] : [
      new LambdaIntegration({ endpoint: lambdaEndpoint, limits: defaultLimits }),
    ]),
  ];
}
