/**
 * Streams of what happens, over the feed: server-sent events, for whoever watches and nobody else.
 *
 * `GET /weft/stream?execution=ID` tells the events of one execution, without payloads; whoever opens it has read the history before,
 * and reads on where an event's number is not the next. `GET /weft/feed` has the turns as the NATS feed has them, for programs. `GET /weft/stream` tells which executions of a space have changed. Messages are gathered for a
 * while, so that a thousand events a second are a few messages; what a slow reader does not take is left out, and it is told so.
 */
import type { ServerResponse } from "node:http";
import { Effect } from "effect";
import type { FeedMessage } from "../../runtime/mod.ts";
import type { ExecutionId, Space } from "../../values/mod.ts";
import { securityHeaders } from "./page_files.ts";
import type { FeedBundle, FeedPiece, RunEvent, RunMessage, SpaceMessage } from "./wire.ts";

/** Hears the events of a space or of one execution once they are durable, and perhaps others', until the returned function is called. */
export type Feed = (
  part: Space & { readonly executionId?: ExecutionId },
  listener: (message: FeedMessage) => void,
) => () => void;

/** Pause between messages about one execution, and about a space, milliseconds. */
const RUN_PAUSE_MS = 50;
const SPACE_PAUSE_MS = 500;
/** Without news a comment goes out, so that a connection that is gone is noticed, milliseconds. */
const SILENCE_MS = 15_000;
/** Bytes that a slow reader may leave lying before news is left out. */
const BEHIND_BYTES_MAX = 1_048_576;
/** Events gathered for one message, beyond which the reader reads the history instead. */
const GATHERED_MAX = 5_000;
/** Events gathered for one message of the feed, beyond which turns are left out: their numbers are missed. */
const FEED_EVENTS_MAX = 20_000;
/** Executions named in a message about a space. */
const CHANGED_MAX = 200;

/** What a stream gathers, and what it then says; `undefined`: nothing. */
interface Gatherer<T> {
  readonly hear: (message: FeedMessage) => void;
  readonly tell: () => T | undefined;
}

/** Streams the events of one execution until the effect is interrupted. */
export function streamRun(
  feed: Feed,
  part: Space & { readonly executionId: ExecutionId },
  response: ServerResponse,
): Effect.Effect<never> {
  let gathered: RunEvent[] = [];
  let isTooMuch = false;
  const gatherer: Gatherer<RunMessage> = {
    hear: (message) => {
      if (message.executionId !== part.executionId || isTooMuch) return;
      const { events } = message;
      // A feed that could not carry a turn says so by having none of its events.
      isTooMuch = events.length === 0 || gathered.length + events.length > GATHERED_MAX;
      gathered.push(...events);
    },
    tell: () => {
      if (isTooMuch) {
        gathered = [];
        isTooMuch = false;
        return { reread: true };
      }
      if (gathered.length === 0) return undefined;
      const events = gathered;
      gathered = [];
      return { events };
    },
  };
  return stream((listener) => feed(part, listener), gatherer, { reread: true }, RUN_PAUSE_MS, response);
}

/** Streams what changes in a space until the effect is interrupted. */
export function streamSpace(feed: Feed, space: Space, response: ServerResponse): Effect.Effect<never> {
  let changed = new Set<string>();
  let turns = 0;
  const gatherer: Gatherer<SpaceMessage> = {
    hear: ({ tenant, namespace, executionId }) => {
      if (tenant !== space.tenant || namespace !== space.namespace) return;
      turns++;
      if (changed.size < CHANGED_MAX) changed.add(executionId);
    },
    tell: () => {
      if (turns === 0) return undefined;
      const message = { changed: [...changed], turns };
      changed = new Set();
      turns = 0;
      return message;
    },
  };
  return stream((listener) => feed(space, listener), gatherer, { changed: [], turns: 0 }, SPACE_PAUSE_MS, response);
}

/** Streams whole messages of the feed, of a space or of one execution of it, until the effect is interrupted. */
export function streamFeed(
  feed: Feed,
  part: Space & { readonly executionId?: ExecutionId },
  response: ServerResponse,
): Effect.Effect<never> {
  let gathered: FeedPiece[] = [];
  let events = 0;
  const gatherer: Gatherer<FeedBundle> = {
    hear: (message) => {
      const { tenant, namespace, executionId, sequence } = message;
      if (tenant !== part.tenant || namespace !== part.namespace || events >= FEED_EVENTS_MAX) return;
      if (part.executionId !== undefined && executionId !== part.executionId) return;
      events += message.events.length;
      gathered.push({ executionId, sequence, events: message.events });
    },
    tell: () => {
      if (gathered.length === 0) return undefined;
      const messages = gathered;
      gathered = [];
      events = 0;
      return { messages };
    },
  };
  return stream((listener) => feed(part, listener), gatherer, { messages: [] }, RUN_PAUSE_MS, response);
}

function stream<T>(
  listen: (listener: (message: FeedMessage) => void) => () => void,
  { hear, tell }: Gatherer<T>,
  whenBehind: T,
  pauseMs: number,
  response: ServerResponse,
): Effect.Effect<never> {
  return Effect.callback<never>(() => {
    response.writeHead(200, { ...securityHeaders, "content-type": "text/event-stream", "cache-control": "no-store" });
    // The reader knows by it that nothing is missed from here on.
    response.write(": open\n\n");
    const stop = listen(hear);
    let silentMs = 0;
    let isBehind = false;
    const timer = setInterval(() => {
      if (response.writableLength > BEHIND_BYTES_MAX) {
        isBehind = true;
        tell();
        return;
      }
      const news = isBehind ? whenBehind : tell();
      isBehind = false;
      silentMs = news === undefined ? silentMs + pauseMs : 0;
      if (news !== undefined) response.write(`data: ${JSON.stringify(news)}\n\n`);
      else if (silentMs >= SILENCE_MS) {
        silentMs = 0;
        response.write(": still here\n\n");
      }
    }, pauseMs);
    return Effect.sync(() => {
      clearInterval(timer);
      stop();
    });
  });
}
