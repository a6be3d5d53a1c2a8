import { deepStrictEqual, rejects } from "node:assert/strict";
import { test } from "node:test";
import { JetStreamError } from "@nats-io/jetstream";
import { queuedTasks, type TaskPages } from "../../../src/tasks/jetstream/queued_tasks.ts";

const utf8 = new TextEncoder();
const stored = (seq: number) => ({ seq, data: utf8.encode(JSON.stringify({ taskId: `task-${seq}`, token: "" })) });

/** A stream of these sequences, whose batches fail as often as said before they answer. */
function streamOf(sequences: readonly number[], failures: readonly Error[]): TaskPages & { readonly asked: number[] } {
  const left = [...failures];
  const asked: number[] = [];
  const state = { messages: sequences.length, first_seq: sequences[0] ?? 0, last_seq: sequences.at(-1) ?? 0 };
  return {
    asked,
    streams: { info: () => Promise.resolve({ state }) },
    direct: {
      getBatch: (_stream, { seq: from }) => {
        asked.push(from);
        return Promise.resolve((async function* () {
          const failure = left.shift();
          if (failure !== undefined) throw failure;
          for (const seq of sequences) if (seq >= from) yield await Promise.resolve(stored(seq));
        })());
      },
    },
  };
}

async function found(pages: TaskPages): Promise<number[]> {
  const all: number[] = [];
  await queuedTasks(pages, (_, sequence) => all.push(sequence));
  return all;
}

const refused = (message: string, code: number) => Object.assign(new JetStreamError(message), { code });
const notFound = refused("message not found", 404);

test("queuedTasks() asks again where whoever answers does not have the messages yet", async () => {
  deepStrictEqual(await found(streamOf([3, 4, 9], [notFound])), [3, 4, 9]);
});

test("queuedTasks() takes for gone what is not found for long", async () => {
  const pages = streamOf([3, 4, 9], Array.from({ length: 10 }, () => notFound));
  deepStrictEqual(await found(pages), []);
  deepStrictEqual(pages.asked, [3, 3, 3]);
});

test("queuedTasks() does not take another failure for an empty stream", async () => {
  await rejects(found(streamOf([3], [refused("bad request", 408)])), JetStreamError);
});
