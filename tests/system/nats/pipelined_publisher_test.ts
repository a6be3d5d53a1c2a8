import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { jetstreamManager } from "@nats-io/jetstream";
import { PipelinedPublisher, PublishFailed, type PublishFailure } from "../../../src/nats/mod.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";

let server: NatsServer;
let connection: NatsConnection;
const bytes = new TextEncoder().encode("{}");

before(async () => {
  server = await startNatsServer();
  connection = await connect({
    servers: server.url,
    noAsyncTraces: true,
    reconnectTimeWait: 50,
    maxReconnectAttempts: -1,
  });
  const streams = (await jetstreamManager(connection)).streams;
  await streams.add({ name: "S", subjects: ["s.>"], allow_msg_ttl: true });
});

after(async () => {
  await connection?.close();
  await server?.stop();
});

function isRefusal(code: number): (failure: unknown) => boolean {
  return (thrown) =>
    thrown instanceof PublishFailed && thrown.failure._tag === "PublishRefused" && thrown.failure.code === code;
}

function isUnknown(reason: string): (failure: unknown) => boolean {
  return (thrown) =>
    thrown instanceof PublishFailed && thrown.failure._tag === "PublishUnknown" && thrown.failure.reason === reason;
}

test("PipelinedPublisher.send() answers in order with rising sequences when many messages are in flight", async () => {
  const publisher = new PipelinedPublisher(connection);
  const count = 2_000;
  const sequences = await new Promise<number[]>((resolve, reject) => {
    const found: number[] = [];
    for (let i = 0; i < count; i++) {
      publisher.send("s.many", bytes, undefined, (failure, sequence) => {
        if (failure !== undefined) reject(new PublishFailed("s.many", failure));
        if (found.push(sequence) === count) resolve(found);
      });
    }
  });
  const [first = 0] = sequences;
  deepStrictEqual(sequences, Array.from({ length: count }, (_, i) => first + i));
  publisher.close();
});

test("PipelinedPublisher.publish() is refused with 10071 when the last sequence is another", async () => {
  const publisher = new PipelinedPublisher(connection);
  const sequence = await publisher.publish("s.cas", bytes);
  strictEqual(await publisher.publish("s.cas", bytes, { expectedLastSequence: sequence }), sequence + 1);
  await rejects(publisher.publish("s.cas", bytes, { expectedLastSequence: sequence }), isRefusal(10071));
  await rejects(publisher.publish("s.cas", bytes, { expectedLastSubjectSequence: 0 }), isRefusal(10071));
  await publisher.publish("s.cas", bytes, { expectedLastSubjectSequence: sequence + 1, ttlSeconds: 60 });
  publisher.close();
});

test("PipelinedPublisher.publish() stores a message once when its id is repeated", async () => {
  const publisher = new PipelinedPublisher(connection);
  const sequence = await publisher.publish("s.id", bytes, { messageId: "one" });
  strictEqual(await publisher.publish("s.id", bytes, { messageId: "one" }), sequence);
  publisher.close();
});

test("PipelinedPublisher.publish() fails as unknown when nobody takes the subject", async () => {
  const publisher = new PipelinedPublisher(connection);
  await rejects(publisher.publish("nobody.there", bytes), isUnknown("noResponders"));
  publisher.close();
});

test("PipelinedPublisher.send() takes nothing more when the window is full, until an answer comes", async () => {
  const publisher = new PipelinedPublisher(connection, { inFlightMax: 2 });
  const answers: number[] = [];
  const send = () => publisher.send("s.window", bytes, undefined, (_, sequence) => answers.push(sequence));
  deepStrictEqual([send(), send(), send()], [true, true, false]);
  await publisher.whenRoom();
  ok(answers.length >= 1);
  ok(send());
  await Promise.all(Array.from({ length: 20 }, () => publisher.publish("s.window", bytes)));
  publisher.close();
});

test("PipelinedPublisher.publish() times out when nobody answers", async () => {
  const publisher = new PipelinedPublisher(connection, { timeoutMs: 50 });
  const silent = connection.subscribe("silent");
  await rejects(publisher.publish("silent", bytes), isUnknown("timedOut"));
  silent.unsubscribe();
  publisher.close();
});

test("PipelinedPublisher.close() fails what is in flight and what comes later", async () => {
  const publisher = new PipelinedPublisher(connection);
  const silent = connection.subscribe("silent");
  const pending = publisher.publish("silent", bytes);
  publisher.close();
  await rejects(pending, isUnknown("closed"));
  await rejects(publisher.publish("s.closed", bytes), isUnknown("closed"));
  silent.unsubscribe();
});

test("PipelinedPublisher fails what is in flight as unknown when the server goes, and works again when it is back", async () => {
  const publisher = new PipelinedPublisher(connection, { timeoutMs: 60_000 });
  await connection.flush();
  await server.kill("SIGSTOP"); // so that nothing is answered before it dies
  const pending = new Promise<PublishFailure | undefined>((resolve) => {
    publisher.send("s.gone", bytes, undefined, (failure) => resolve(failure));
  });
  const back = (async () => {
    for await (const { type } of connection.status()) if (type === "reconnect") return;
  })();
  await server.kill("SIGKILL");
  deepStrictEqual(await pending, { _tag: "PublishUnknown", reason: "disconnected" });
  await rejects(publisher.publish("s.gone", bytes), isUnknown("disconnected"));
  await server.restart();
  await back;
  ok(await publisher.publish("s.back", bytes) > 0);
  publisher.close();
});
