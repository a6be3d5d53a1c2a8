import { SFN } from "@aws-sdk/client-sfn";
import { type EmbeddedOptions, openEmbeddedHome } from "../../src/homes/embedded.ts";
import { type Home, opened } from "../../src/homes/home.ts";
import { serveHttpApi } from "../../src/interfaces/http_api/mod.ts";
import type { JsonObject } from "../../src/values/mod.ts";

/** The account that the tests' access key names. */
export const account = "111111111111";
/** A role that nobody asks about. */
export const roleArn = `arn:aws:iam::${account}:role/worker`;

/** An answer of the bare protocol. */
export interface BareAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
}

/** The AWS API of a home, and AWS's own client before it. */
export interface ServedAwsApi {
  readonly home: Home;
  readonly client: SFN;
  readonly address: string;
  /** A call without AWS's client. */
  call(operation: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<BareAnswer>;
  close(): Promise<void>;
}

/** What homes under test are opened with. */
export type HomeUnderTest = Pick<
  EmbeddedOptions,
  "store" | "timeScale" | "partitions" | "hasActivities" | "integrations"
>;

let openHome: (options: HomeUnderTest) => Promise<Home> = openEmbeddedHome;

/** Lets all tests of this process run on another home than the embedded one. To be called before they begin. */
export function serveFrom(open: (options: HomeUnderTest) => Promise<Home>): void {
  openHome = open;
}

/** Starts all of it in memory, or on a folder. Whoever starts one closes it. */
export async function serveAwsApi(options: HomeUnderTest = {}): Promise<ServedAwsApi> {
  const home = await openHome({ hasActivities: true, timeScale: 0.01, partitions: 2, ...options });
  const { engine, registry, activities, schedules, traceHttp } = home;
  const api = await opened(serveHttpApi({
    engine,
    registry,
    ...(activities === undefined ? {} : { activities }),
    traceHttp,
    port: 0,
    scope: { account: "123456789012", region: "us-east-1" },
    schedules,
    version: "0.0.1",
  }));
  const { address } = api.value;
  const client = new SFN({
    endpoint: address,
    region: "us-east-1",
    credentials: { accessKeyId: account, secretAccessKey: "none" },
    disableHostPrefix: true,
    maxAttempts: 1,
  });
  return {
    home,
    client,
    address,
    async call(operation, body, headers = {}) {
      const response = await fetch(address, {
        method: "POST",
        headers: { "x-amz-target": `AWSStepFunctions.${operation}`, ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      return { status: response.status, headers: response.headers, body: await response.json() as JsonObject };
    },
    async close() {
      client.destroy();
      await api.close();
      await home.close();
    },
  };
}

/** The name and message of the failure that a call ends with. */
export async function failureOf(call: Promise<unknown>): Promise<readonly [name: string, message: string]> {
  try {
    await call;
  } catch (failure) {
    if (failure instanceof Error) return [failure.name, failure.message];
  }
  return ["none", "the call succeeded"];
}

/** A machine whose only state passes its input on. */
export const passMachine = JSON.stringify({ StartAt: "Pass", States: { Pass: { Type: "Pass", End: true } } });
/** A machine that waits until it is stopped. */
export const waitMachine = JSON.stringify({
  StartAt: "Wait",
  States: { Wait: { Type: "Wait", Seconds: 99_999, End: true } },
});

/** Asks again and again until `isDone`; the runner's time limit is the bound. */
export async function asked<T>(ask: () => Promise<T>, isDone: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isDone(answer)) return answer;
  }
}
