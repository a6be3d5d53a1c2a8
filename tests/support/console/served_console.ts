import { openEmbeddedHome } from "../../../src/homes/embedded.ts";
import { type Home, opened } from "../../../src/homes/home.ts";
import { consoleSurface } from "../../../src/interfaces/console/mod.ts";
import { serveHttpApi } from "../../../src/interfaces/http_api/mod.ts";
import type { Json } from "../../../src/values/mod.ts";
import { account } from "../aws_api.ts";

/** A console before a home. */
export interface ServedConsole {
  readonly home: Home;
  /** `http://host:port`. */
  readonly address: string;
  /** Asks an operation of the console; its answer and HTTP status. */
  ask<T = Record<string, Json>>(operation: string, request?: object): Promise<T>;
  /** Asks an operation of the AWS API. */
  aws<T = Record<string, Json>>(operation: string, request: object): Promise<T>;
  close(): Promise<void>;
}

/** Region of the console's tests. */
export const region = "us-east-1";
/** What the console shows where nothing else is asked for. */
export const space = { tenant: account, namespace: region };

/** Serves a console. Whoever starts one closes it. @param open Default: an embedded home in memory */
export async function serveConsole(
  open: () => Promise<Home> = () => openEmbeddedHome({ hasActivities: true, partitions: 2 }),
  homeName = "embedded",
): Promise<ServedConsole> {
  const home = await open();
  const { engine, registry, nodes, backlogs, activities, traceHttp, limits, watch } = home;
  const scope = { account, region };
  const version = "0.0.1";
  const surface = consoleSurface({
    engine,
    registry,
    cluster: { nodes, backlogs },
    limits,
    scope,
    version,
    home: homeName,
    feed: watch,
  });
  const { value: { address }, close } = await opened(serveHttpApi({
    engine,
    registry,
    ...(activities === undefined ? {} : { activities }),
    traceHttp,
    limits,
    port: 0,
    scope,
    version,
    surface,
  }));
  const post = async <T>(path: string, body: object, headers: Readonly<Record<string, string>>): Promise<T> => {
    const response = await fetch(address + path, { method: "POST", headers, body: JSON.stringify(body) });
    return await response.json() as T;
  };
  return {
    home,
    address,
    ask: (operation, request = {}) => post(`/weft/${operation}`, request, { "content-type": "application/json" }),
    aws: (operation, request) => post("/", request, { "x-amz-target": `AWSStepFunctions.${operation}` }),
    close: async () => {
      await close();
      await home.close();
    },
  };
}
