/** The monitor without a screen: one line an event, for files, pipes and programs. */
import type { FeedItem } from "../../../sdk/mod.ts";
import { itemJsonLines, itemLines } from "../output/feed_lines.ts";
import type { ClientPort } from "../homes.ts";
import { listenForInterruption } from "../interruption.ts";
import { type CliIo, exitCodeOf } from "../io.ts";

/** What is followed, and how it is shown. */
export interface FollowOptions {
  readonly io: CliIo;
  readonly client: ClientPort;
  /** Absent: all of the namespace. */
  readonly executionId?: string;
  readonly listener: (item: FeedItem) => void;
  /** On a terminal, `q` ends it. */
  readonly hasQuitKey?: boolean;
  /** Called once nothing can be missed any more. */
  readonly onFollowing?: () => void;
}

/** Writes items as lines of text, or as lines of JSON. */
export function lineWriter(io: CliIo, json: boolean): (item: FeedItem) => void {
  return (item) => {
    for (const line of json ? itemJsonLines(item) : itemLines(item)) io.stdout.write(`${line}\n`);
  };
}

/** Follows the feed until the one execution has ended, a signal comes or nobody reads any more; the exit status. */
export async function follow(
  { io, client, executionId, listener, hasQuitKey = false, onFollowing }: FollowOptions,
): Promise<number> {
  const interruption = listenForInterruption(io);
  const gone = Promise.withResolvers<"gone">();
  const cleanUps = [
    interruption.stopListening,
    io.stdout.onGone(() => gone.resolve("gone")),
    // Neither a subscription nor a signal keeps a process alive.
    io.every(60_000, () => {}),
    client.onConnection((isConnected) => {
      io.stderr.write(`${isConnected ? "Connected to NATS again" : "The connection to NATS is lost; trying again"}\n`);
    }),
  ];
  const interrupted = Promise.withResolvers<"SIGINT">();
  if (hasQuitKey && io.stdin.isTTY && io.stdout.isTTY) {
    cleanUps.push(io.stdin.onKey((keys) => {
      if (keys.includes("\x03")) interrupted.resolve("SIGINT");
      else if (/[qQ]/.test(keys)) gone.resolve("gone");
    }));
  }
  try {
    const subscription = await client.subscribe(executionId, listener);
    cleanUps.push(() => subscription.close());
    onFollowing?.();
    const ended = subscription.ended.then(() => "ended" as const);
    const why = await Promise.race([interruption.asked, interrupted.promise, gone.promise, ended]);
    if (why === "gone" || why === "ended") return 0;
    // Who watches everything ends it so and in no other way; one execution is left before its end.
    return why === "SIGINT" && executionId === undefined ? 0 : exitCodeOf(why);
  } finally {
    for (const cleanUp of cleanUps) cleanUp();
  }
}
