import { ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { connect, JetStreamUnfit, NatsUnavailable, openJetStream, unfitVersion } from "../../../src/nats/mod.ts";
import { startNatsServer } from "../../support/nats_server.ts";

for (
  const [version, fit] of [["2.12.0", true], ["2.15.1", true], ["3.0.0", true], ["2.11.9", false], ["2.9.10", false], [
    "",
    false,
  ]] as const
) {
  test(`unfitVersion() ${fit ? "takes" : "refuses"} a server of version "${version}"`, () => {
    strictEqual(unfitVersion(version) === undefined, fit);
  });
}

test("connect() and openJetStream() give a manager of a server that has JetStream", async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const info = await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const connection = yield* connect({ servers: [server.url], name: "test" });
    const manager = yield* openJetStream(connection, 1_000);
    return yield* Effect.promise(() => manager.getAccountInfo());
  })));
  strictEqual(info.streams, 0);
});

test("connect() fails with NatsUnavailable when nobody answers", async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  await server.stop();
  const failure = await Effect.runPromise(Effect.flip(Effect.scoped(connect({ servers: [server.url] }))));
  ok(failure instanceof NatsUnavailable);
});

test("openJetStream() fails with JetStreamUnfit when the account has no JetStream", async (t) => {
  const server = await startNatsServer({ configuration: "accounts { A { users: [{ user: a, password: a }] } }" });
  t.after(() => server.stop());
  const failure = await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const connection = yield* connect({ servers: [server.url], user: "a", password: "a" });
    return yield* Effect.flip(openJetStream(connection, 1_000));
  })));
  ok(failure instanceof JetStreamUnfit);
});
