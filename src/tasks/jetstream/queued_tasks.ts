/** Which tasks the stream has, so that a new leader does not hand out again what waits for a worker or is with one already. */
import { JetStreamError, type StoredMsg, type StreamState } from "@nats-io/jetstream";
import type { TaskId } from "../../values/mod.ts";
import { TASK_STREAM } from "../../nats/mod.ts";

/** Messages asked for at a time. */
const PAGE = 1_000;
/** What is read of a stream at most: tasks behind it count as not there, and are handed out again. */
const BYTES_MAX = 67_108_864;
/** The task's id is the first thing in its message. */
const idPattern = /^\{"taskId":"([^"\\]+)"/;
const ID_BYTES_MAX = 600;
/** Whoever answers has none of the messages asked for. */
const NOT_FOUND = 404;
/** How often in a row that may be so although the stream should have some. */
const EMPTY_PAGES_MAX = 3;
const utf8 = new TextDecoder();

/** What of a server's answers is needed here. */
export interface TaskPages {
  readonly streams: {
    info(stream: string): Promise<{ readonly state: Pick<StreamState, "messages" | "first_seq" | "last_seq"> }>;
  };
  readonly direct: {
    getBatch(
      stream: string,
      query: { seq: number; batch: number },
    ): Promise<AsyncIterable<Pick<StoredMsg, "seq" | "data">>>;
  };
}

/**
 * Goes through the stream from its beginning and tells of each task that it finds. A message that comes or goes meanwhile may be
 * missed: what is told here is a hint.
 *
 * A page may be empty although the stream had messages a moment ago: workers have taken them, or the replica that answers is a little
 * behind. It is asked for again, and what is not there then counts as not there.
 *
 * @throws {Error} the server does not answer
 */
export async function queuedTasks(
  manager: TaskPages,
  found: (taskId: TaskId, sequence: number) => void,
): Promise<void> {
  let bytes = 0;
  let emptyPages = 0;
  for (let from = 1; bytes < BYTES_MAX && emptyPages < EMPTY_PAGES_MAX;) {
    const { state } = await manager.streams.info(TASK_STREAM);
    from = Math.max(from, state.first_seq);
    if (state.messages === 0 || from > state.last_seq) return;
    let last = 0;
    try {
      for await (const { seq, data } of await manager.direct.getBatch(TASK_STREAM, { seq: from, batch: PAGE })) {
        last = seq;
        bytes += data.length;
        const [, taskId] = idPattern.exec(utf8.decode(data.subarray(0, ID_BYTES_MAX))) ?? [];
        if (taskId !== undefined) found(taskId as TaskId, seq);
      }
    } catch (failure) {
      if (!(failure instanceof JetStreamError && "code" in failure && failure.code === NOT_FOUND)) throw failure;
    }
    emptyPages = last === 0 ? emptyPages + 1 : 0;
    from = Math.max(from, last + 1);
  }
}
