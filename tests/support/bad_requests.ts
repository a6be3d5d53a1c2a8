import type { ApiCode } from "../../src/runtime/engine.ts";
import { oneTask } from "./nats_api.ts";

const id = "/acme/shop/e0123456/0123456789abcdef";

/** One request that must come to nothing. */
export interface BadRequest {
  readonly when: string;
  /** Behind tenant and namespace. */
  readonly subject: string;
  /** Sent as it is when it is text or bytes, else as JSON. */
  readonly body: unknown;
  readonly code: ApiCode;
  /** What the message says. */
  readonly text: RegExp;
}

/** What no engine may take, for space `acme.shop` without any workflow. */
export const badRequests: readonly BadRequest[] = [
  { when: "a body is no JSON", subject: "executions.start", body: "{", code: "InvalidArgument", text: /JSON/ },
  {
    when: "a body is no UTF-8",
    subject: "executions.start",
    body: new Uint8Array([0xff, 0xfe]),
    code: "InvalidArgument",
    text: /UTF-8/,
  },
  {
    when: "a body is an array",
    subject: "workflows.put",
    body: [],
    code: "InvalidArgument",
    text: /object, but got an array/,
  },
  {
    when: "a body is null",
    subject: "tasks.complete",
    body: null,
    code: "InvalidArgument",
    text: /object, but got null/,
  },
  { when: "a body has no bytes", subject: "tasks.fail", body: "", code: "InvalidArgument", text: /"token".*missing/ },
  {
    when: "a field is missing",
    subject: "executions.start",
    body: { workflow: "order" },
    code: "InvalidArgument",
    text: /"input".*missing/,
  },
  {
    when: "a field has another type",
    subject: "executions.start",
    body: { workflow: 5, input: 1 },
    code: "InvalidArgument",
    text: /"workflow".*string.*got 5/,
  },
  {
    when: "an optional field is null",
    subject: "executions.start",
    body: { workflow: "order", input: 1, key: null },
    code: "InvalidArgument",
    text: /"key"/,
  },
  {
    when: "a key is too long",
    subject: "executions.start",
    body: { workflow: "order", input: 1, key: "k".repeat(257) },
    code: "InvalidArgument",
    text: /"key"/,
  },
  {
    when: "startAt has no zone",
    subject: "executions.start",
    body: { workflow: "order", input: 1, startAt: "2030-01-01T00:00:00" },
    code: "InvalidArgument",
    text: /"startAt"/,
  },
  {
    when: "wait is a word",
    subject: "executions.start",
    body: { workflow: "order", input: 1, wait: "yes" },
    code: "InvalidArgument",
    text: /"wait"/,
  },
  {
    when: "a workflow is unknown",
    subject: "executions.start",
    body: { workflow: "nobody", input: 1 },
    code: "NotFound",
    text: /"nobody"/,
  },
  {
    when: "a workflow's name has a slash",
    subject: "workflows.put",
    body: { name: "a/b", definition: oneTask("x") },
    code: "InvalidArgument",
    text: /"name"/,
  },
  {
    when: "a workflow's name is too long",
    subject: "workflows.put",
    body: { name: "n".repeat(81), definition: oneTask("x") },
    code: "InvalidArgument",
    text: /"name"/,
  },
  {
    when: "a definition is none",
    subject: "workflows.put",
    body: { name: "order", definition: 5 },
    code: "InvalidDefinition",
    text: /./,
  },
  {
    when: "a definition's text is no JSON",
    subject: "workflows.put",
    body: { name: "order", definition: "{" },
    code: "InvalidDefinition",
    text: /./,
  },
  {
    when: "an id is none",
    subject: "executions.describe",
    body: { executionId: "x" },
    code: "InvalidArgument",
    text: /"executionId"/,
  },
  {
    when: "an id is another tenant's",
    subject: "executions.describe",
    body: { executionId: id.replace("acme", "evil") },
    code: "NotFound",
    text: /Execution ".*" does not exist/,
  },
  {
    when: "an id is another namespace's",
    subject: "executions.cancel",
    body: { executionId: id.replace("shop", "evil") },
    code: "NotFound",
    text: /Execution ".*" does not exist/,
  },
  {
    when: "an id is unknown",
    subject: "executions.history",
    body: { executionId: id },
    code: "NotFound",
    text: /Execution ".*" does not exist/,
  },
  {
    when: "a limit is too large",
    subject: "executions.history",
    body: { executionId: id, limit: 1_001 },
    code: "InvalidArgument",
    text: /"limit"/,
  },
  {
    when: "after is a fraction",
    subject: "executions.history",
    body: { executionId: id, after: 0.5 },
    code: "InvalidArgument",
    text: /"after"/,
  },
  {
    when: "a status is none",
    subject: "executions.list",
    body: { status: "RUNNING" },
    code: "InvalidArgument",
    text: /"status"/,
  },
  {
    when: "an id is a number",
    subject: "executions.delete",
    body: { executionId: 1 },
    code: "InvalidArgument",
    text: /"executionId"/,
  },
  {
    when: "a token is unknown",
    subject: "tasks.complete",
    body: { token: "t", output: 1 },
    code: "InvalidToken",
    text: /token/,
  },
  {
    when: "a token is a number",
    subject: "tasks.heartbeat",
    body: { token: 1 },
    code: "InvalidArgument",
    text: /"token"/,
  },
  {
    when: "a token is too long",
    subject: "tasks.activate",
    body: { token: "t".repeat(2_049) },
    code: "InvalidArgument",
    text: /"token"/,
  },
  {
    when: "an output is missing",
    subject: "tasks.complete",
    body: { token: "t" },
    code: "InvalidArgument",
    text: /"output"/,
  },
  {
    when: "a cause is too long",
    subject: "tasks.fail",
    body: { token: "t", error: "E", cause: "c".repeat(32_769) },
    code: "InvalidArgument",
    text: /"cause"/,
  },
  {
    when: "a definition is missing",
    subject: "workflows.validate",
    body: {},
    code: "InvalidArgument",
    text: /"definition"/,
  },
  {
    when: "an own __proto__ brings the fields",
    subject: "executions.start",
    body: '{"__proto__":{"workflow":"order","input":1}}',
    code: "InvalidArgument",
    text: /"workflow".*missing/,
  },
  {
    when: "a body nests too deep",
    subject: "executions.start",
    body: `{"workflow":"order","input":${"[".repeat(400)}${"]".repeat(400)}}`,
    code: "InvalidArgument",
    text: /levels deep/,
  },
];
