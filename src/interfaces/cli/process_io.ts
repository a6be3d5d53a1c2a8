/** The real {@link CliIo}: this process, its terminal and its file system. Runs on Node and Deno. */
import { writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { CliIo, StopSignal, TextSink, TextSource } from "./io.ts";

const stopSignals: readonly StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

function sinkOf(stream: NodeJS.WriteStream): TextSink {
  const whenGone = new Set<() => void>();
  stream.on("error", (failure: NodeJS.ErrnoException) => {
    // The reader went away: its decision, and no failure of ours.
    if (failure.code !== "EPIPE") throw failure;
    for (const listener of [...whenGone]) listener();
  });
  return {
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns > 0 ? stream.columns : 80;
    },
    get rows() {
      return stream.rows > 0 ? stream.rows : 24;
    },
    get isCongested() {
      return stream.writableNeedDrain;
    },
    write(text) {
      stream.write(text);
    },
    onGone(listener) {
      whenGone.add(listener);
      return () => whenGone.delete(listener);
    },
  };
}

async function readAll(stream: NodeJS.ReadStream, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw new RangeError(`Expected at most ${bytesMax} bytes on stdin, but more came`);
    chunks.push(chunk);
  }
  return withoutByteOrderMark(Buffer.concat(chunks).toString("utf8"));
}

function onKey(stream: NodeJS.ReadStream, listener: (key: string) => void): () => void {
  const wasRaw = stream.isRaw;
  const heard = (chunk: Uint8Array | string) => listener(chunk.toString());
  const restore = () => void stream.setRawMode(wasRaw);
  const forget = onExit(restore);
  stream.setRawMode(true);
  stream.on("data", heard);
  stream.resume();
  return () => {
    stream.off("data", heard);
    forget();
    restore();
    stream.pause();
  };
}

/** A crash in a timer ends Deno without an exit event: the monitor event comes on both. May thus run twice. */
function onExit(cleanUp: () => void): () => void {
  process.on("exit", cleanUp);
  process.on("uncaughtExceptionMonitor", cleanUp);
  return () => {
    process.off("exit", cleanUp);
    process.off("uncaughtExceptionMonitor", cleanUp);
  };
}

function sourceOf(stream: NodeJS.ReadStream): TextSource {
  return {
    get isTTY() {
      return stream.isTTY === true;
    },
    readAll: (bytesMax) => readAll(stream, bytesMax),
    onKey: (listener) => onKey(stream, listener),
    onLine: (listener, onEnd) => {
      const lines = createInterface({ input: stream }).on("line", listener).once("close", onEnd);
      return () => {
        lines.off("line", listener).off("close", onEnd).close();
        stream.pause();
      };
    },
  };
}

function withoutByteOrderMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** Streams, environment and signals of this process. Call it once. */
export function processIo(): CliIo {
  return {
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    stdin: sourceOf(process.stdin),
    env: process.env,
    cwd: process.cwd(),
    nowEpochMs: () => Date.now(),
    every(ms, tick) {
      const timer = setInterval(tick, ms);
      return () => clearInterval(timer);
    },
    onSignal(listener) {
      const heard = stopSignals.map((signal) => ({ signal, hear: () => listener(signal) }));
      for (const { signal, hear } of heard) process.on(signal, hear);
      return () => {
        for (const { signal, hear } of heard) process.off(signal, hear);
      };
    },
    onResize(listener) {
      process.stdout.on("resize", listener);
      return () => {
        process.stdout.off("resize", listener);
      };
    },
    onExit,
    writeNow(text) {
      writeSync(1, text);
    },
    readTextFile: async (path) => withoutByteOrderMark(await readFile(resolve(path), "utf8")),
  };
}
