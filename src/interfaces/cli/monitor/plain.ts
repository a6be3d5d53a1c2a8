/** The monitor without a terminal: one line an event, for files, pipes and logs. */
import type { FeedMessage, HistoryEvent } from "../../../runtime/engine.ts";
import { CliFailure } from "../failure.ts";
import { errorField, numberField, shortExecutionId, textField } from "../feed_fields.ts";
import { type FeedGap, FeedOrder, type GapOutcome } from "../feed_order.ts";
import type { ClientPort } from "../homes.ts";
import { type CliIo, exitCodeOf } from "../io.ts";
import { printable } from "../text_width.ts";

/** What {@link runPlainMonitor} reads and writes. */
export interface PlainMonitorOptions {
  readonly io: CliIo;
  readonly client: ClientPort;
  /** One JSON object a line instead: `{ executionId, …event }`, and `{ executionId, gap }` for gaps. */
  readonly json: boolean;
}

/** Runs until a signal comes or nobody reads any more; the exit status. */
export async function runPlainMonitor({ io, client, json }: PlainMonitorOptions): Promise<number> {
  const line = (text: string) => io.stdout.write(`${text}\n`);
  const order = new FeedOrder({
    history: (request) => client.executionHistory(request),
    sink: {
      events: (executionId, events) => {
        for (const event of events) {
          line(json ? JSON.stringify({ executionId, ...event }) : eventLine(executionId, event));
        }
      },
      gapFound: (gap) => json || line(gapLine(gap)),
      gapEnded: (gap, outcome) => {
        if (json) line(JSON.stringify({ executionId: gap.executionId, gap: { ...gap, ...outcome } }));
        else line(gapOutcomeLine(gap, outcome));
      },
    },
    followedMax: 50_000,
    fillsMax: 4,
    waitingMax: 200,
  });
  const ended = Promise.withResolvers<number>();
  const cleanUps = [
    io.onSignal((signal) => ended.resolve(signal === "SIGINT" ? 0 : exitCodeOf(signal))),
    io.stdout.onGone(() => ended.resolve(0)),
  ];
  const hear = (message: FeedMessage) => {
    try {
      order.accept(message);
    } catch (thrown) {
      ended.reject(new CliFailure("Cannot show a message of the feed", { code: "Internal", cause: thrown }));
    }
  };
  try {
    cleanUps.push(await client.subscribe(hear));
    // Nothing but the feed and a signal is waited for, and neither keeps the process alive on its own.
    cleanUps.push(io.every(60_000, () => {}));
    return await ended.promise;
  } finally {
    for (const cleanUp of cleanUps) cleanUp();
  }
}

/** Such as `2026-01-31T10:00:00.000Z e1a2b3c4/0123456789abcdef StateStartedEvent Charge Task`. */
export function eventLine(executionId: string, event: HistoryEvent): string {
  const index = numberField(event, "index");
  const max = numberField(event, "max");
  const parts = [
    event.timestamp,
    shortExecutionId(executionId),
    event.type,
    textField(event, "workflow"),
    textField(event, "stateName"),
    textField(event, "stateType"),
    max === undefined ? undefined : `max=${max}`,
    index === undefined ? undefined : `[${index}]`,
    textField(event, "resource"),
    textField(event, "status"),
    errorField(event),
    ...(textField(event, "next") === undefined ? [] : ["→", textField(event, "next")]),
  ];
  return printable(parts.filter((part) => part !== undefined).join(" "));
}

/** What of the feed did not come. */
export function gapLine(gap: FeedGap): string {
  const { executionId, fromSequence, throughSequence } = gap;
  const which = throughSequence === 0
    ? "some turns"
    : fromSequence === throughSequence
    ? `turn ${fromSequence}`
    : `turns ${fromSequence} to ${throughSequence}`;
  return `! ${shortExecutionId(executionId)} the feed left out ${which}; reading the history`;
}

/** What became of it. */
export function gapOutcomeLine(gap: FeedGap, { filledCount, openReason }: GapOutcome): string {
  const events = filledCount === 1 ? "1 event" : `${filledCount} events`;
  const outcome = openReason === undefined ? `filled with ${events}` : `still open (${events} found): ${openReason}`;
  return printable(`! ${shortExecutionId(gap.executionId)} gap ${outcome}`);
}
