/**
 * HTTP tasks: requests, results, failures, connections and their secrets, internal addresses.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/mod.ts";
import { HttpIntegration } from "../../../src/integrations/mod.ts";
import { defaultLimits, type Json, type JsonObject } from "../../../src/values/mod.ts";
import { taskMessage } from "../../support/task_messages.ts";
import { onBothHomes, type OpenHome, seenEvent, taskMachine } from "../../support/integrations/both_homes.ts";
import { httpServer, type SeenRequest } from "../../support/integrations/http_server.ts";

const resource = "arn:aws:states:::http:invoke";
const connectionArn = "arn:aws:events:us-east-1:123456789012:connection/shop/3f1f9c1e-8f5c-4f4f-9d8e-0123456789ab";

function answer({ url, headers, body }: SeenRequest, response: ServerResponse): void {
  const { pathname } = new URL(url, "http://host");
  const json = (status: number, value: Json) =>
    response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(value));
  switch (pathname) {
    case "/echo":
      return void json(200, { body, authorization: headers.authorization ?? null, key: headers["x-api-key"] ?? null });
    case "/text":
      return void response.writeHead(201, "Made", { "Content-Type": "text/plain", "X-One": ["a", "b"] }).end("plain");
    case "/teapot":
      return void json(418, { reason: "short and stout", sent: headers["x-api-key"] ?? null });
    case "/image":
      return void response.writeHead(200, { "Content-Type": "image/png" }).end("png");
    case "/bytes":
      return void response.writeHead(200, { "Content-Type": "text/plain" }).end(Uint8Array.of(0x61, 0xff));
    case "/large":
      return void json(200, "a".repeat(262_144));
    case "/moved":
      return void response.writeHead(302, { Location: "/echo" }).end();
    case "/token":
      return void json(200, { access_token: `token-${body.length}`, expires_in: 3_600 });
    case "/silent":
      return;
    default:
      response.destroy();
  }
}

async function withServer(t: TestContext, open: OpenHome, connections?: (url: string) => JsonObject) {
  const server = await httpServer(t, answer);
  const home = await open(t, {
    integrations: {
      httpInternal: ["127.0.0.1"],
      ...(connections === undefined
        ? {}
        : { httpConnections: { path: "connections.json", text: JSON.stringify(connections(server.url)) } }),
    },
  });
  const call = (path: string, parameters: JsonObject = {}) =>
    home.runTask({ Resource: resource, Parameters: parametersOf(server.url, path, parameters) });
  return { server, call, ...home };
}

function parametersOf(url: string, path: string, parameters: JsonObject): JsonObject {
  return {
    ApiEndpoint: `${url}${path}`,
    Method: "GET",
    Authentication: { ConnectionArn: connectionArn },
    ...parameters,
  };
}

const none = () => ({
  [connectionArn]: {
    AuthorizationType: "API_KEY",
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "x-api-key", ApiKeyValue: "not so secret" } },
  },
});

onBothHomes((open, test) => {
  test("an answer is a result: headers, body, status", async (t) => {
    const { call, server } = await withServer(t, open, none);
    const { status, output } = await call("/text?a=1", { QueryParameters: { b: [2, "three"], c: true } });
    strictEqual(status, "Succeeded");
    const result = output as JsonObject;
    deepStrictEqual([result["ResponseBody"], result["StatusCode"], result["StatusText"]], ["plain", 201, "Made"]);
    deepStrictEqual((result["Headers"] as JsonObject)["x-one"], ["a", "b"]);
    const [seen] = server.seen;
    strictEqual(seen?.url, "/text?a=1&b=2&b=three&c=true");
    match(String(seen?.headers["user-agent"]), /^Amazon\|StepFunctions\|HttpInvoke\|us-east-1$/);
  });

  test("a body is JSON, or a form where Transform says so", async (t) => {
    const { call, server } = await withServer(t, open, none);
    await call("/echo", { Method: "POST", RequestBody: { order: 7 } });
    deepStrictEqual([server.seen[0]?.headers["content-type"], server.seen[0]?.body], [
      "application/json",
      '{"order":7}',
    ]);
    const formats = {
      INDICES: "name=Ada%20L&items%5B0%5D=1&items%5B1%5D=2&in%5Bner%5D=x",
      BRACKETS: "name=Ada%20L&items%5B%5D=1&items%5B%5D=2&in%5Bner%5D=x",
      REPEAT: "name=Ada%20L&items=1&items=2&in%5Bner%5D=x",
      COMMAS: "name=Ada%20L&items=1,2&in%5Bner%5D=x",
    };
    for (const [format, body] of Object.entries(formats)) {
      await call("/echo", {
        Method: "POST",
        Headers: { "Content-Type": "application/x-www-form-urlencoded" },
        RequestBody: { name: "Ada L", items: [1, 2], in: { ner: "x" } },
        Transform: { RequestBodyEncoding: "URL_ENCODED", RequestEncodingOptions: { ArrayFormat: format } },
      });
      strictEqual(server.seen.at(-1)?.body, body, format);
    }
  });

  test("statuses that are no success, and answers that never come, are named errors", async (t) => {
    const { call } = await withServer(t, open, none);
    const teapot = await call("/teapot");
    strictEqual(teapot.error, "States.Http.StatusCode.418");
    match(teapot.cause ?? "", /short and stout/);
    strictEqual((await call("/moved")).error, "States.Http.StatusCode.302");
    strictEqual((await call("/broken")).error, "States.Http.Socket");
    strictEqual((await call("/image")).error, "States.Runtime");
    strictEqual((await call("/bytes")).error, "States.Runtime");
    const large = await call("/large");
    strictEqual(large.error, "States.DataLimitExceeded");
  });

  test("headers that AWS forbids, and requests that cannot be, are States.Runtime", async (t) => {
    const { runTask, server } = await withServer(t, open, none);
    const bad: readonly JsonObject[] = [
      { "Headers.$": 'States.StringToJson(\'{"authorization":"x"}\')' },
      { "Headers.$": 'States.StringToJson(\'{"x-amz-date":"x"}\')' },
      { "Headers.$": 'States.StringToJson(\'{"x-a":"one\\\\r\\\\nx-b: two"}\')' },
      { "Method.$": "States.Format('BREW')" },
      { "ApiEndpoint.$": "States.Format('ftp://127.0.0.1/')" },
    ];
    for (const parameters of bad) {
      const given = Object.entries(parametersOf(server.url, "/echo", {}));
      const kept = Object.fromEntries(given.filter(([name]) => !(`${name}.$` in parameters)));
      const end = await runTask({ Resource: resource, Parameters: { ...kept, ...parameters } });
      strictEqual(end.error, "States.Runtime", JSON.stringify(parameters));
    }
  });
});

const secret = "s3cret-of-the-shop";
const connectionKinds: readonly { kind: string; connection: (url: string) => JsonObject; authorization: RegExp }[] = [
  {
    kind: "BASIC",
    connection: () => ({
      AuthorizationType: "BASIC",
      AuthParameters: { BasicAuthParameters: { Username: "ada", Password: secret } },
    }),
    authorization: /^Basic /,
  },
  {
    kind: "API_KEY",
    connection: () => ({
      AuthorizationType: "API_KEY",
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "Authorization", ApiKeyValue: `Key ${secret}` } },
    }),
    authorization: new RegExp(`^Key ${secret}$`),
  },
  {
    kind: "OAUTH_CLIENT_CREDENTIALS",
    connection: (url) => ({
      AuthorizationType: "OAUTH_CLIENT_CREDENTIALS",
      AuthParameters: {
        OAuthParameters: {
          AuthorizationEndpoint: `${url}/token`,
          HttpMethod: "POST",
          ClientParameters: { ClientID: "shop", ClientSecret: secret },
        },
        InvocationHttpParameters: { QueryStringParameters: [{ Key: "sig", Value: secret }] },
      },
    }),
    authorization: /^Bearer token-\d+$/,
  },
];

onBothHomes((open, test) => {
  for (const { kind, connection, authorization } of connectionKinds) {
    test(`a connection of ${kind} authorizes the request, and its secrets stay out of the history`, async (t) => {
      const { call, server, home, space } = await withServer(t, open, (url) => ({ [connectionArn]: connection(url) }));
      const { status, executionId } = await call("/echo");
      strictEqual(status, "Succeeded");
      await call("/echo");
      const requests = server.seen.filter(({ url }) => url.startsWith("/echo"));
      match(String(requests[0]?.headers.authorization), authorization);
      strictEqual(server.seen.length - requests.length, kind.startsWith("OAUTH") ? 1 : 0, "one token for both");
      const { events } = await Effect.runPromise(home.engine.executionHistory({ ...space, executionId }));
      const history = JSON.stringify(events);
      ok(!history.includes(secret) && !history.includes(String(requests[0]?.headers.authorization)), history);
    });
  }

  test("a connection that is not in the settings is a named error", async (t) => {
    const { call, server } = await withServer(t, open);
    strictEqual((await call("/echo")).error, "Events.ConnectionResource.ResourceNotFound");
    strictEqual(server.seen.length, 0);
  });

  test("http:invoke.waitForTaskToken ends by the token", async (t) => {
    const { start, ended, home, space, server } = await withServer(t, open, none);
    const parameters = parametersOf(server.url, "/echo", {
      Method: "POST",
      RequestBody: { "token.$": "$$.Task.Token" },
    });
    const id = await start(taskMachine({ Resource: `${resource}.waitForTaskToken`, Parameters: parameters }));
    await seenEvent({ home, space }, id, "TaskSubmittedEvent");
    const { token } = JSON.parse(server.seen[0]?.body ?? "") as { token: string };
    await Effect.runPromise(home.engine.completeTask({ ...space, token, output: "called back" }));
    strictEqual((await ended(id)).output, "called back");
  });
});

onBothHomes((open, test) => {
  test("internal addresses are not reached unless the operator allows them", async (t) => {
    const server = await httpServer(t, answer);
    const { port } = new URL(server.url);
    const { runTask } = await open(t, {
      integrations: { httpConnections: { path: "c", text: JSON.stringify(none()) } },
    });
    const hosts = [
      "127.0.0.1",
      "localhost",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "169.254.169.254",
      "10.0.0.1",
      "2130706433",
      "0",
    ];
    for (const host of hosts) {
      const end = await runTask({
        Resource: resource,
        Parameters: parametersOf(`https://${host}:${port}`, "/echo", {}),
      });
      strictEqual(end.error, "States.Http.Socket", host);
      match(end.cause ?? "", /is not to be reached by tasks/, host);
    }
    strictEqual(server.seen.length, 0);
  });
});

test("settings that cannot be are refused when the home is opened, and show no secret", async () => {
  for (const text of [`{"c": {"AuthorizationType": "BASIC", "AuthParameters": "${secret}"}}`, `{${secret}`]) {
    await rejects(
      openEmbeddedHome({ integrations: { httpConnections: { path: "connections.json", text } } }),
      (failure: Error) => failure.message.includes("connections.json") && !failure.message.includes(secret),
    );
  }
  await rejects(openEmbeddedHome({ integrations: { httpInternal: ["10.0.0.0/64"] } }), /10\.0\.0\.0\/64/);
});

test("an endpoint that does not answer in time is States.Http.Socket", async (t) => {
  const server = await httpServer(t, answer);
  const integration = new HttpIntegration({ limits: defaultLimits, internal: ["*"], timeoutMs: 50 });
  t.after(() => integration.close());
  const input = parametersOf(server.url, "/silent", { Authentication: {} });
  const result = await Effect.runPromise(integration.run({ ...taskMessage(1), resource, input }));
  deepStrictEqual([result.kind, "error" in result && result.error], ["Failed", "States.Http.Socket"]);
});
