/** What the command line asks for, made of the homes and the client. */
import { Effect, Logger } from "effect";
import {
  type AwsApiOptions,
  type DevOptions,
  type EmbeddedHome,
  examineNats,
  type Finding,
  type Homes,
  natsHomes,
  type ServedHome,
  type ServeOptions,
} from "../interfaces/cli/mod.ts";
import { Authenticator } from "../access/mod.ts";
import { consoleSurface } from "../interfaces/console/mod.ts";
import { isLoopback, type MonitoringPort, serveHttpApi, serveMonitoring } from "../interfaces/http_api/mod.ts";
import type { EndedExecution } from "../runtime/mod.ts";
import { lineLogger, type LogFormat } from "../telemetry/mod.ts";
import { openEmbeddedHome } from "./embedded.ts";
import { type Home, opened } from "./home.ts";
import { openKeyStore } from "./key_store.ts";
import { openNatsHome } from "./nats.ts";
import { makeKeyFile } from "./root_key_file.ts";
import { present } from "../values/mod.ts";

/** The command line's port, for this version of Weft. */
export function cliHomes(version: string): Homes {
  return {
    version,
    openEmbedded: (options): Promise<EmbeddedHome> => openEmbeddedHome(options),
    serveNats: (options) => serveNats(options, version),
    serveDev: (options) => serveDev(options, version),
    openKeys: openKeyStore,
    makeKeyFile: (file) => Effect.runPromise(makeKeyFile(file)),
    ...natsHomes,
  };
}

/** There is no key, and more than this machine could reach the server. */
class UnauthenticatedRefused extends Error {
  readonly code = "Unauthenticated";

  constructor(host: string) {
    super(
      `There are no access keys, so whoever reaches ${host} could do anything: make one with \`weft keys create\`, ` +
        "or say --allow-unauthenticated where something in front of it says who may come in",
    );
  }
}

const UNAUTHENTICATED = "nobody is asked who he is";
const never = new Promise<never>(() => {});
/** Of a failed execution's cause in its log line: all of it is in the history. */
const CAUSE_CHARACTERS_MAX = 1_000;

async function serveNats({ url, http, metrics, ...options }: ServeOptions, version: string): Promise<ServedHome> {
  const home = await openNatsHome({
    url,
    ...options,
    version,
    hasActivities: http !== undefined,
    onEnded: failureNamer(options.logFormat),
  });
  const nats = { name: "NATS services", address: url };
  const monitored = metrics === undefined ? { ...home, listening: [] } : await withMonitoring(home, metrics, version);
  const listening = [nats, ...monitored.listening];
  const findings = () => examineNats({ url, ...present({ credentialsFile: options.credentialsFile }) });
  if (http === undefined) return { listening, failed: never, close: () => monitored.close() };
  const api = await serveAwsApi(monitored, { ...http, home: "NATS", findings }, version);
  return { listening: [...listening, ...api.listening], failed: never, close: api.close };
}

/** A home with a port of its own for health and metrics, which is closed with it. */
async function withMonitoring(
  home: Home,
  place: MonitoringPort,
  version: string,
): Promise<Home & Pick<ServedHome, "listening">> {
  try {
    const { telemetry, readiness } = home;
    const { value, close } = await opened(serveMonitoring({ version, telemetry, readiness }, place));
    return {
      ...home,
      listening: [{ name: "metrics", address: `${value.address}/metrics` }],
      close: async () => {
        await close();
        await home.close();
      },
    };
  } catch (failure) {
    await home.close();
    throw failure;
  }
}

/** Names each execution that failed in the log, once: on the node that led it to its end. */
function failureNamer(format: LogFormat = "pretty"): (ended: EndedExecution) => void {
  const loggers = new Set([lineLogger(format)]);
  return ({ executionId, workflow, status, timedOut, error, cause }) => {
    if (status !== "Failed") return;
    const fields = { executionId, workflow, ...present({ error, cause: cause?.slice(0, CAUSE_CHARACTERS_MAX) }) };
    const line = Effect.logWarning(timedOut ? "An execution timed out" : "An execution failed");
    Effect.runFork(Effect.provideService(Effect.annotateLogs(line, fields), Logger.CurrentLoggers, loggers));
  };
}

async function serveDev(
  { store, keyFile, handlers, timeScale, limits, retention, integrations, nats, logFormat, otlp, ...http }: DevOptions,
  version: string,
): Promise<ServedHome> {
  const home = await openEmbeddedHome({
    ...present({ store, keyFile, handlers, timeScale, limits, retention, integrations, nats, logFormat, otlp }),
    hasActivities: true,
    onEnded: failureNamer(logFormat),
  });
  return { ...await serveAwsApi(home, { ...http, home: "embedded" }, version), failed: never };
}

interface Served extends AwsApiOptions {
  readonly port: number;
  readonly isPortShared?: boolean;
  /** What the console calls this home. */
  readonly home: string;
  /** What `weft doctor` would find. */
  readonly findings?: () => Promise<readonly Finding[]>;
}

/** The AWS API and the console before a home; closing them closes the home as well. */
async function serveAwsApi(
  {
    engine,
    registry,
    nodes,
    backlogs,
    activities,
    schedules,
    triggers,
    traceHttp,
    limits,
    keys,
    watch,
    telemetry,
    readiness,
    close: closeHome,
  }: Home,
  { account, region, home, findings, allowUnauthenticated = false, ...listening }: Served,
  version: string,
): Promise<Omit<ServedHome, "failed">> {
  const scope = { account, region };
  const standing = { schedules, ...present({ triggers }) };
  try {
    const authenticator = new Authenticator(keys);
    const isAsked = await Effect.runPromise(authenticator.isRequired());
    if (!isAsked && !allowUnauthenticated && !isLoopback(listening.host ?? "127.0.0.1")) {
      throw new UnauthenticatedRefused(listening.host ?? "");
    }
    const { value, close } = await opened(serveHttpApi({
      engine,
      authenticator,
      registry,
      ...present({ activities }),
      schedules,
      traceHttp,
      limits,
      // They name tenants and task types: where callers are asked who they are, a port of its own has them.
      ...(isAsked ? {} : { telemetry }),
      readiness,
      ...listening,
      scope,
      version,
      surface: consoleSurface({
        engine,
        registry,
        cluster: { nodes, backlogs, ...present({ findings }) },
        limits,
        standing,
        scope,
        version,
        home,
        feed: watch,
      }),
    }));
    return {
      listening: [
        { name: "AWS Step Functions API", address: value.address, ...(isAsked ? {} : { note: UNAUTHENTICATED }) },
        { name: "console", address: `${value.address}/console/` },
      ],
      close: async () => {
        await close();
        await closeHome();
      },
    };
  } catch (failure) {
    await closeHome();
    throw failure;
  }
}
