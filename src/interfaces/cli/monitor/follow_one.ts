/** One execution until it has ended: its history first, then what happens. The exit status is the execution's. */
import type { FeedItem } from "../../../sdk/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import type { ClientPort } from "../homes.ts";
import { textField } from "../output/feed_fields.ts";
import { Timeline } from "../steps/timeline.ts";
import { follow, lineWriter } from "./plain.ts";

/** Lines of steps, or with `json` an object an event. @returns 0: it succeeded, or nobody wanted to see more; 1: it did not; 130 and so on */
export async function followOne(
  { io, paint }: CommandScope,
  client: ClientPort,
  executionId: string,
  json: boolean,
): Promise<number> {
  let endStatus: string | undefined;
  const timeline = json ? undefined : new Timeline({ io, sink: io.stdout, paint, showTasks: true });
  const write = lineWriter(io, true);
  const listener = (item: FeedItem) => {
    if (item.type === "events") {
      for (const event of item.events) {
        if (event.type === "ExecutionCompletedEvent") endStatus = textField(event, "status");
      }
    }
    if (timeline === undefined) write(item);
    else timeline.show(item);
  };
  try {
    const exitCode = await follow({ io, client, executionId, listener, hasQuitKey: !json });
    return endStatus === undefined || endStatus === "Succeeded" ? exitCode : 1;
  } finally {
    timeline?.close();
  }
}
