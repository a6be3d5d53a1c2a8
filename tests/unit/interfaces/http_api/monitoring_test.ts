import { deepStrictEqual, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { serveMonitoring } from "../../../../src/interfaces/http_api/mod.ts";
import { type Readiness, readinessOf, sample, Telemetry } from "../../../../src/telemetry/mod.ts";

/** Serves for as long as `use` takes. */
function served<T>(readiness: Effect.Effect<Readiness>, use: (address: string) => Promise<T>): Promise<T> {
  const telemetry = new Telemetry();
  telemetry.add(() => [sample("weft_leases_held", 4)]);
  return Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const place = { host: "127.0.0.1", port: 0 };
    const { address } = yield* serveMonitoring({ version: "9.9.9", telemetry, readiness }, place);
    return yield* Effect.promise(() => use(address));
  })));
}

const ready = readinessOf(Effect.succeed([]));

test("a port for monitoring answers /healthz, /readyz and /metrics, and nothing else", async () => {
  await served(ready, async (address) => {
    const health = await fetch(`${address}/healthz`);
    deepStrictEqual([health.status, await health.json()], [200, { status: "ok", service: "weft", version: "9.9.9" }]);
    const readiness = await fetch(`${address}/readyz`);
    deepStrictEqual([readiness.status, await readiness.json()], [200, { ready: true, reasons: [], version: "9.9.9" }]);
    const text = await fetch(`${address}/metrics?x=1`);
    match(text.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    match(await text.text(), /^weft_leases_held 4$/m);
    const other = await fetch(`${address}/console/`);
    const post = await fetch(`${address}/metrics`, { method: "POST", body: "{}" });
    deepStrictEqual([other.status, post.status], [404, 405]);
    await Promise.all([other.body?.cancel(), post.body?.cancel()]);
  });
});

test("/readyz is 503 with the reasons while it is not ready; /healthz stays 200", async () => {
  await served(readinessOf(Effect.succeed(["NATS does not answer"])), async (address) => {
    const readiness = await fetch(`${address}/readyz`);
    const body = await readiness.json() as Readiness;
    deepStrictEqual([readiness.status, body.reasons], [503, ["NATS does not answer"]]);
    const health = await fetch(`${address}/healthz`);
    ok(health.ok);
    await health.body?.cancel();
  });
});
