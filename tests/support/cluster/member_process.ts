/**
 * A member of a cluster as a process, for tests that stop it. Arguments: server's URL, cluster id, name, milliseconds of a session. Each line of
 * its input is a request: `acquire N`, `confirm` or `self`; each is answered by a line `{ request, answer, self }`, where `self` is
 * the member's id when it was asked.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { connect } from "@nats-io/transport-node";
import { Effect, Logger } from "effect";
import { makeJetStreamCluster } from "../../../src/cluster/jetstream/mod.ts";

const [url = "", clusterId = "", name = "", sessionMs = ""] = process.argv.slice(2);
const connection = await connect({
  servers: url,
  noAsyncTraces: true,
  reconnectTimeWait: 50,
  maxReconnectAttempts: -1,
});
const member = Effect.gen(function* () {
  const options = { connection, clusterId, replicas: 1, name, sessionMs: Number(sessionMs) };
  const cluster = yield* makeJetStreamCluster(options);
  const answer = async (request: string) => {
    const { self } = cluster.view();
    const say = (answer: unknown) => process.stdout.write(`${JSON.stringify({ request, answer, self })}\n`);
    if (request === "self") say(self);
    else if (request === "confirm") cluster.confirm(say);
    else say(await Effect.runPromise(cluster.acquire(Number(request.split(" ")[1]))));
  };
  const lines = createInterface({ input: process.stdin }).on("line", (line) => void answer(line));
  yield* Effect.callback<void>((resume) => void lines.once("close", () => resume(Effect.void)));
});
await Effect.runPromise(Effect.scoped(member).pipe(Effect.provide(Logger.layer([]))));
await connection.close();
