/**
 * What the `Resource` of a Task names: a service of AWS, a function, an activity, a NATS subject, something of the engine's own, or a worker.
 *
 * A resource is taken apart here and nowhere else, so that validation, history, tests of states and whoever does the task agree about it.
 */

/**
 * How a task and what it calls go on together: the answer to the request is the result (`Request`), the end of the job that it started is
 * (`Sync`: its output as text, `Sync2`: as JSON), or somebody ends the task by its token (`Callback`).
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
 */
export type IntegrationPattern = "Request" | "Sync" | "Sync2" | "Callback";

/** A call of one of AWS's services: `arn:aws:states:::sqs:sendMessage`, `arn:aws:states:::aws-sdk:dynamodb:getItem`. */
export interface ServiceResource {
  readonly kind: "Service";
  /** By AWS's SDK. */
  readonly isSdk: boolean;
  /** `sqs`, `dynamodb`. */
  readonly service: string;
  /** `sendMessage`, `getItem`; empty where the resource names none. */
  readonly action: string;
  /** Both, as the resource has them: `sqs:sendMessage`, `aws-sdk:dynamodb:getItem`. */
  readonly call: string;
  readonly pattern: IntegrationPattern;
}

/** A Lambda function by its ARN. */
export interface FunctionResource {
  readonly kind: "Function";
  /** Empty where the ARN is none of a function's. */
  readonly name: string;
  /** A version or an alias. */
  readonly qualifier: string | undefined;
  readonly pattern: "Request" | "Callback";
}

/** An activity by its ARN. */
export interface ActivityResource {
  readonly kind: "Activity";
  readonly region: string;
  readonly account: string;
  readonly name: string;
  readonly pattern: "Request" | "Callback";
}

/** A NATS subject: `nats:request:orders.charge`, `nats:publish:orders.charged`. */
export interface NatsResource {
  readonly kind: "Nats";
  /** `request`, `publish`; what else stands there is nobody's. */
  readonly action: string;
  readonly subject: string;
  readonly pattern: "Request" | "Callback";
}

/** Something of the engine's own: `weft:files:getObject`, `weft:mapRun`. */
export interface EngineResource {
  readonly kind: "Engine";
  /** `files`, `mapRun`. */
  readonly service: string;
  /** `getObject`; empty where there is none. */
  readonly action: string;
  readonly pattern: "Request" | "Callback";
}

/** Any other text: the name that workers take tasks by. */
export interface WorkerResource {
  readonly kind: "Worker";
  readonly name: string;
  readonly pattern: "Request" | "Callback";
}

/** A resource, taken apart. */
export type Resource =
  | ServiceResource
  | FunctionResource
  | ActivityResource
  | NatsResource
  | EngineResource
  | WorkerResource;

/** The suffix of a resource that says how task and call go on together. */
export const patternSuffix: Readonly<Record<IntegrationPattern, string>> = {
  Request: "",
  Sync: ".sync",
  Sync2: ".sync:2",
  Callback: ".waitForTaskToken",
};

/** Resources whose parts are remembered, and how long they may be: many tasks have one of few resources. */
const KNOWN_MAX = 1_000;
const KNOWN_CHARACTERS_MAX = 256;
const known = new Map<string, Resource>();

const jobPatterns = ["Sync", "Sync2"] as const;
const arn = /^arn:[a-z-]+:(states|lambda):([^:]*):([^:]*):(.*)$/s;

/** Takes a resource apart. Total: every text is a resource, if only a worker's name. */
export function parseResource(text: string): Resource {
  const before = known.get(text);
  if (before !== undefined) return before;
  const resource = parse(text);
  if (text.length > KNOWN_CHARACTERS_MAX) return resource;
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(text, resource);
  return resource;
}

/** True for resources whose tasks somebody ends by their token: the answer to the request is not their result. */
export function isCallback(text: string): boolean {
  return text.endsWith(patternSuffix.Callback);
}

function parse(text: string): Resource {
  const pattern = isCallback(text) ? "Callback" : "Request";
  const plain = text.slice(0, text.length - patternSuffix[pattern].length);
  const [, of, region = "", account = "", rest = ""] = arn.exec(plain) ?? [];
  if (of === "lambda") return { kind: "Function", ...functionOf(rest), pattern };
  if (of === "states" && region === "" && account === "") return serviceOf(rest, pattern);
  if (of === "states" && rest.startsWith("activity:")) {
    return { kind: "Activity", region, account, name: rest.slice("activity:".length), pattern };
  }
  const [scheme = "", first = "", ...others] = plain.split(":");
  if (scheme === "nats" && plain !== scheme) return { kind: "Nats", action: first, subject: others.join(":"), pattern };
  if (scheme === "weft" && plain !== scheme) {
    return { kind: "Engine", service: first, action: others.join(":"), pattern };
  }
  return { kind: "Worker", name: text, pattern };
}

function functionOf(rest: string): { readonly name: string; readonly qualifier: string | undefined } {
  const [, name = "", qualifier] = /^function:([^:]+)(?::([^:]+))?$/.exec(rest) ?? [];
  return { name, qualifier };
}

function serviceOf(rest: string, pattern: "Request" | "Callback"): ServiceResource {
  const job = pattern === "Callback" ? undefined : jobPatterns.find((one) => rest.endsWith(patternSuffix[one]));
  const call = job === undefined ? rest : rest.slice(0, -patternSuffix[job].length);
  const [first = "", ...others] = call.split(":");
  const isSdk = first === "aws-sdk";
  const [service = "", ...action] = isSdk ? others : [first, ...others];
  return { kind: "Service", isSdk, service, action: action.join(":"), call, pattern: job ?? pattern };
}
