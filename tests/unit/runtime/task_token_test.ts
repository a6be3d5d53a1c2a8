import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { type TaskClaim, TaskTokens } from "../../../src/runtime/task_token.ts";
import type { ActivityId, ExecutionId, TaskId } from "../../../src/values/mod.ts";

const executionId = "/acme/shop/e0123456/0123456789abcdef" as ExecutionId;
const claimOf = (index: number): TaskClaim => ({
  executionId,
  activityId: `${executionId}/${index.toString(16).padStart(16, "0")}` as ActivityId,
  taskId: `/acme/shop/t0123456/${index.toString(16).padStart(16, "0")}` as TaskId,
});
const secret = new Uint8Array(32).fill(7);

test("a token speaks for its task, here and after a restart, with its role", () => {
  for (
    const claim of [claimOf(1), { ...claimOf(1), role: "request" as const }, { ...claimOf(1), role: "runner" as const }]
  ) {
    const tokens = new TaskTokens(secret);
    const token = tokens.sign(claim);
    strictEqual(new TaskTokens(secret).sign(claim), token);
    deepStrictEqual(tokens.read(token), claim);
    deepStrictEqual(new TaskTokens(secret).read(token), claim);
  }
});

test("a changed or made-up token, and one of another cluster, is nobody's", () => {
  const tokens = new TaskTokens(secret);
  const token = tokens.sign(claimOf(1));
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === "A" ? "B" : "A";
    strictEqual(tokens.read(token.slice(0, at) + other + token.slice(at + 1)), undefined, `changed at ${at}`);
  }
  for (const none of ["", ".", "x", "x.y", `${token}A`, token.slice(0, -1), "constructor", "__proto__"]) {
    strictEqual(tokens.read(none), undefined, none);
  }
  strictEqual(new TaskTokens(secret.with(0, 8)).read(token), undefined);
});

test("a token whose role only a newer version knows is nobody's: it is not taken for one that may do more", () => {
  for (const role of ["observer", "", "runner now"]) {
    const token = new TaskTokens(secret).sign({ ...claimOf(1), role: role as "runner" });
    strictEqual(new TaskTokens(secret).read(token), undefined, role);
  }
});

test("tokens signed long ago are read as well as the newest", () => {
  const tokens = new TaskTokens(secret);
  const signed = Array.from({ length: 10_000 }, (_, index) => tokens.sign(claimOf(index)));
  strictEqual(new Set(signed).size, signed.length);
  ok(signed.every((token, index) => tokens.read(token)?.taskId === claimOf(index).taskId));
});
