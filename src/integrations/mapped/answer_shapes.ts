/** What a call of AWS would have answered, where something else has done it: its parameters to send, and the result's form. */
import { createHash } from "node:crypto";
import { isJsonObject, type Json, type JsonObject, parseResource } from "../../values/mod.ts";

/** One call of an optimized integration. */
interface Shape {
  /** The parameter that is the message itself. */
  readonly send?: string;
  readonly result: (sent: Json, answer: Json, id: string) => JsonObject;
}

const md5 = (value: Json): string =>
  createHash("md5").update(typeof value === "string" ? value : JSON.stringify(value)).digest("hex");

const shapes: Readonly<Record<string, Shape>> = {
  "lambda:invoke": {
    send: "Payload",
    result: (_sent, answer) => ({ ExecutedVersion: "$LATEST", Payload: answer, StatusCode: 200 }),
  },
  "sqs:sendMessage": {
    send: "MessageBody",
    result: (sent, _answer, id) => ({ MD5OfMessageBody: md5(sent), MessageId: id }),
  },
  "sns:publish": { send: "Message", result: (_sent, _answer, id) => ({ MessageId: id }) },
  "events:putEvents": {
    send: "Entries",
    result: (sent, _answer, id) => ({
      Entries: Array.isArray(sent) ? sent.map((_entry, index) => ({ EventId: `${id}-${index}` })) : [{ EventId: id }],
      FailedEntryCount: 0,
    }),
  },
};

/** The shape of a resource's call; `undefined`: parameters are sent, and the answer is the result, as they are. */
export function answerShape(text: string): Shape | undefined {
  const resource = parseResource(text);
  if (resource.kind !== "Service") return undefined;
  const call = resource.call.replace(
    /^aws-sdk:(eventbridge:)?/,
    (_whole, renamed?: string) => renamed ? "events:" : "",
  );
  return Object.hasOwn(shapes, call) ? shapes[call] : undefined;
}

/** The parameter of this name; all of them where there is none. */
export function sentOf(input: Json, name: string | undefined): Json {
  if (name === undefined || !isJsonObject(input)) return input;
  return Object.hasOwn(input, name) ? input[name] ?? null : null;
}

/** An id that is the same for a repeat of the same task. */
export function messageId(taskId: string): string {
  return createHash("sha256").update(taskId).digest("hex").slice(0, 32);
}
