/** Which tasks the stream has, so that a new leader does not hand out again what waits for a worker or is with one already. */
import type { JetStreamManager } from "@nats-io/jetstream";
import type { TaskId } from "../../values/mod.ts";
import { TASK_STREAM } from "./task_stream.ts";

/** Messages asked for at a time. */
const PAGE = 1_000;
/** What is read of a stream at most: tasks behind it count as not there, and are handed out again. */
const BYTES_MAX = 67_108_864;
/** The task's id is the first thing in its message. */
const idPattern = /^\{"taskId":"([^"\\]+)"/;
const ID_BYTES_MAX = 600;
const utf8 = new TextDecoder();

/**
 * Goes through the stream from its beginning and tells of each task that it finds. A message that comes or goes meanwhile may be
 * missed: what is told here is a hint.
 *
 * @throws {Error} the server does not answer
 */
export async function queuedTasks(
  manager: JetStreamManager,
  found: (taskId: TaskId, sequence: number) => void,
): Promise<void> {
  let bytes = 0;
  for (let from = 1; bytes < BYTES_MAX;) {
    const { state } = await manager.streams.info(TASK_STREAM);
    from = Math.max(from, state.first_seq);
    if (state.messages === 0 || from > state.last_seq) return;
    const page = await manager.direct.getBatch(TASK_STREAM, { seq: from, batch: PAGE });
    let last = 0;
    for await (const { seq, data } of page) {
      last = seq;
      bytes += data.length;
      const [, taskId] = idPattern.exec(utf8.decode(data.subarray(0, ID_BYTES_MAX))) ?? [];
      if (taskId !== undefined) found(taskId as TaskId, seq);
    }
    if (last === 0) return;
    from = last + 1;
  }
}
