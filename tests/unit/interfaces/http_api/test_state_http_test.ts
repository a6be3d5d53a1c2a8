// Sources: API_InspectionData; developer guide, "Testing state machines with TestState API", example of level TRACE.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { InspectionLevel } from "@aws-sdk/client-sfn";
import { httpServer } from "../../../support/integrations/http_server.ts";
import { roleArn, serveAwsApi } from "../../../support/aws_api.ts";

const ConnectionArn = "arn:aws:events:us-east-1:111111111111:connection/shop/3f1f9c1e-8f5c-4f4f-9d8e-0123456789ab";
const secret = "not-to-be-shown";

async function prepared(t: TestContext) {
  const server = await httpServer(t, ({ url, headers }, response) => {
    if (url.startsWith("/silent")) return;
    if (url.startsWith("/broken")) return void response.destroy();
    const status = url.startsWith("/missing") ? 404 : 200;
    response.writeHead(status, { "Content-Type": "application/json", Date: "none", Connection: "close" });
    response.end(JSON.stringify({ key: headers["x-api-key"] ?? null }));
  });
  const connections = {
    [ConnectionArn]: {
      AuthorizationType: "API_KEY",
      AuthParameters: {
        ApiKeyAuthParameters: { ApiKeyName: "X-Api-Key", ApiKeyValue: secret },
        InvocationHttpParameters: { QueryStringParameters: [{ Key: "added", Value: "hidden" }] },
      },
    },
  };
  const api = await serveAwsApi({
    integrations: {
      httpInternal: ["127.0.0.1"],
      httpConnections: { path: "connections.json", text: JSON.stringify(connections) },
    },
  });
  t.after(() => api.close());
  const ask = (path: string, inspectionLevel: InspectionLevel, fields: object = {}) =>
    api.client.testState({
      definition: JSON.stringify({
        Type: "Task",
        Resource: "arn:aws:states:::http:invoke",
        Parameters: {
          ApiEndpoint: `${server.url}${path}`,
          Method: "POST",
          InvocationConfig: { ConnectionArn },
          Headers: { "X-Own": "1" },
          QueryParameters: { q: "a b" },
          RequestBody: { n: 1 },
        },
        End: true,
        ...fields,
      }),
      roleArn,
      inspectionLevel,
      revealSecrets: true,
    });
  return { server, ask };
}

test("TestState shows what an HTTP task sends and what comes at level TRACE, and nothing of the connection", async (t) => {
  const { server, ask } = await prepared(t);
  const traced = await ask("/", "TRACE");
  strictEqual(traced.status, "SUCCEEDED");
  deepStrictEqual(traced.inspectionData?.request, {
    protocol: "http",
    method: "POST",
    url: `${server.url}/?q=a+b`,
    headers:
      "[X-Own: 1, Content-Type: application/json, User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1, Range: bytes=0-262144]",
    body: '{"n":1}',
  });
  const { headers = "", ...response } = traced.inspectionData.response ?? {};
  deepStrictEqual(response, { protocol: "http", statusCode: "200", statusMessage: "OK", body: '{"key":"******"}' });
  match(headers, /^\[Content-Type: application\/json, Date: none, /);
  ok(!JSON.stringify(traced).includes(secret));
  deepStrictEqual(server.seen.map(({ url, headers }) => [url, headers["x-api-key"]]), [[
    "/?q=a+b&added=hidden",
    secret,
  ]]);
});

test("TestState shows no exchange at other levels, and comes to the same", async (t) => {
  const { ask } = await prepared(t);
  const [traced, debugged] = [await ask("/", "TRACE"), await ask("/", "DEBUG")];
  deepStrictEqual([debugged.inspectionData?.request, debugged.inspectionData?.response], [undefined, undefined]);
  const body = (output = "{}") => (JSON.parse(output) as { ResponseBody?: unknown }).ResponseBody;
  deepStrictEqual(body(debugged.output), { key: "******" });
  deepStrictEqual(body(traced.output), body(debugged.output));
});

test("TestState shows the exchange of an HTTP task that failed, and the request alone where no answer came", async (t) => {
  const { ask } = await prepared(t);
  const missing = await ask("/missing", "TRACE");
  deepStrictEqual([missing.status, missing.error], ["FAILED", "States.Http.StatusCode.404"]);
  strictEqual(missing.inspectionData?.response?.statusCode, "404");
  const broken = await ask("/broken", "TRACE");
  deepStrictEqual([broken.status, broken.error], ["FAILED", "States.Http.Socket"]);
  const { request, response } = broken.inspectionData ?? {};
  deepStrictEqual([request?.method, response], ["POST", undefined]);
  const silent = await ask("/silent", "TRACE", { TimeoutSeconds: 1 });
  deepStrictEqual([silent.status, silent.error], ["FAILED", "States.Timeout"]);
  const refused = await ask("", "TRACE", { Parameters: { ApiEndpoint: "http://127.0.0.2:1/", Method: "GET" } });
  deepStrictEqual([refused.status, refused.inspectionData?.request], ["FAILED", undefined]);
});
