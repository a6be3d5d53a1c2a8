/**
 * Lambda functions, by the Lambda Invoke API of any endpoint: AWS's own, SAM, an emulator, a stand-in.
 *
 * At least once: after a restart a function may be invoked again for the same task, as AWS does at times. The header
 * `x-amzn-weft-task-id` is the same each time.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import { AwsV4Signer } from "aws4fetch";
import { Effect } from "effect";
import {
  type FunctionResource,
  isJsonObject,
  type Json,
  jsonDepthExceeds,
  type Limits,
  parseResource,
  present,
} from "../../values/mod.ts";
import type { TaskMessage } from "../../tasks/mod.ts";
import {
  jsonOrText,
  parametersOf,
  requestedCall,
  resultTooLarge,
  sdkMetadata,
  serviceFailure,
} from "../aws_actions.ts";
import { headerOf, type HttpAnswer, HttpClient, NoAnswer } from "../http/exchange.ts";
import type { IntegrationEntry } from "../entry.ts";
import type { Integration, TaskResult } from "../port.ts";
import { awsSettings, endpointOf, isOpen } from "../aws/aws_settings.ts";
import { type Environment, urlSetting } from "../settings.ts";

/** Whose calls the endpoint sees. */
export interface AwsKeys {
  readonly region: string;
  readonly accessKeyId: string;
  /** Secret. */
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where functions are, and what their results are held to. */
export interface LambdaOptions {
  /** `http://host:port`, as `LAMBDA_ENDPOINT` of Step Functions Local. */
  readonly endpoint: string;
  /** Calls are signed with these (AWS's own endpoint wants it); absent: they are not. */
  readonly keys?: AwsKeys;
  readonly limits: Pick<Limits, "payloadBytesMax" | "jsonDepthMax">;
  /** Functions at work at once. Default: 256. */
  readonly concurrencyMax?: number;
}

/** An invocation, whichever way it is written. */
interface Invocation {
  readonly functionName: string;
  readonly qualifier: string | undefined;
  /** JSON text; absent: no event is sent. */
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** By name in failures: the function's ARN, or the service. */
  readonly named: string;
}

/** Lambda's own bound on how long a function may run is 15 minutes; a little is added for the way. */
const TIMEOUT_MS = 15 * 60_000 + 15_000;
/** Lambda's own bound on a result. */
const ANSWER_BYTES_MAX = 6_291_556;
const partialArn = /^[^:]*:function:([^:]+)(?::([^:]+))?$/;

/** Invokes functions: tasks whose resource is a function's ARN, and `arn:aws:states:::lambda:invoke`. */
export class LambdaIntegration implements Integration {
  readonly name = "lambda";
  readonly concurrencyMax: number;
  readonly #options: LambdaOptions;
  readonly #client = new HttpClient();

  constructor(options: LambdaOptions) {
    this.#options = options;
    this.concurrencyMax = options.concurrencyMax ?? 256;
  }

  handles(resource: string): boolean {
    return functionOf(resource) !== undefined || requestedCall(resource) === "lambda:invoke";
  }

  close(): void {
    this.#client.close();
  }

  run(task: TaskMessage): Effect.Effect<TaskResult> {
    return Effect.promise((signal) => this.#do(task, signal));
  }

  async #do(task: TaskMessage, signal: AbortSignal): Promise<TaskResult> {
    const isService = functionOf(task.resource) === undefined;
    const invocation = isService ? serviceInvocation(task.input) : directInvocation(task);
    if ("kind" in invocation) return invocation;
    const answer = await this.#invoke(invocation, task, signal);
    if ("kind" in answer) return answer;
    if (answer.status >= 300) return refusal(answer);
    if (answer.body === undefined) return resultTooLarge(invocation.named);
    const text = answer.body.toString("utf8");
    if (headerOf(answer, "x-amz-function-error") !== undefined) return functionFailure(text);
    if (jsonDepthExceeds(text, this.#options.limits.jsonDepthMax)) return resultTooLarge(invocation.named);
    const payload = jsonOrText(text);
    const output = isService ? wrapped(answer, payload) : payload;
    if (answer.body.length > this.#options.limits.payloadBytesMax) return resultTooLarge(invocation.named);
    return { kind: "Completed", output };
  }

  async #invoke(
    { functionName, qualifier, body, headers }: Invocation,
    { taskId }: TaskMessage,
    signal: AbortSignal,
  ): Promise<HttpAnswer | TaskResult> {
    const query = qualifier === undefined ? "" : `?Qualifier=${encodeURIComponent(qualifier)}`;
    const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations${query}`;
    const url = new URL(path, this.#options.endpoint);
    const unsigned = { "content-type": "application/json", "x-amzn-weft-task-id": taskId, ...headers };
    try {
      return await this.#client.exchange({
        url,
        method: "POST",
        headers: await this.#signed(url, unsigned, body ?? ""),
        body: body ?? "",
        signal,
        timeoutMs: TIMEOUT_MS,
        bytesMax: ANSWER_BYTES_MAX,
      });
    } catch (failure) {
      if (!(failure instanceof NoAnswer)) throw failure;
      return failure.timedOut
        ? { kind: "Failed", error: "Lambda.ClientExecutionTimeoutException", cause: failure.message }
        : {
          kind: "Failed",
          error: "Lambda.SdkClientException",
          cause: `Unable to execute HTTP request: ${failure.message}`,
        };
    }
  }

  async #signed(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<Readonly<Record<string, string>>> {
    const { keys } = this.#options;
    if (keys === undefined) return headers;
    const signer = new AwsV4Signer({ ...keys, service: "lambda", method: "POST", url: url.href, headers, body });
    return Object.fromEntries((await signer.sign()).headers);
  }
}

/** The function that an ARN names; `undefined` for other texts. */
function functionOf(text: string): FunctionResource | undefined {
  const resource = parseResource(text);
  return resource.kind === "Function" && resource.name !== "" ? resource : undefined;
}

function directInvocation({ resource, input }: TaskMessage): Invocation {
  const { name: functionName = "", qualifier } = functionOf(resource) ?? {};
  return { functionName, qualifier, body: JSON.stringify(input), headers: {}, named: resource };
}

function serviceInvocation(input: Json): Invocation | TaskResult {
  const { FunctionName, Qualifier, Payload, InvocationType, LogType, ClientContext } = parametersOf(input);
  if (typeof FunctionName !== "string" || FunctionName === "") {
    return {
      kind: "Failed",
      error: "States.Runtime",
      cause: "The field 'FunctionName' must be a function's name or ARN",
    };
  }
  const { name, qualifier: ownQualifier } = functionOf(FunctionName) ?? partiallyNamed(FunctionName);
  return {
    functionName: name,
    qualifier: typeof Qualifier === "string" ? Qualifier : ownQualifier,
    body: bodyOf(Payload),
    headers: {
      ...header("x-amz-invocation-type", InvocationType),
      ...header("x-amz-log-type", LogType),
      ...header("x-amz-client-context", ClientContext),
    },
    named: "lambda",
  };
}

/** A text is the body as it stands: AWS does not encode it once more. */
function bodyOf(payload: Json | undefined): string | undefined {
  if (payload === undefined || payload === null) return undefined;
  return typeof payload === "string" ? payload : JSON.stringify(payload);
}

/** The function of a text such as `111111111111:function:charge:live`, or one that is called so. */
function partiallyNamed(text: string): Pick<FunctionResource, "name" | "qualifier"> {
  const [, name = text, qualifier] = partialArn.exec(text) ?? [];
  return { name, qualifier };
}

function header(name: string, value: Json | undefined): Readonly<Record<string, string>> {
  // A line break would end the header.
  return typeof value === "string" && /^[\x20-\x7e]*$/.test(value) ? { [name]: value } : {};
}

function wrapped(answer: HttpAnswer, payload: Json): Json {
  const version = headerOf(answer, "x-amz-executed-version");
  const log = headerOf(answer, "x-amz-log-result");
  return {
    ...present({ ExecutedVersion: version, LogResult: log }),
    Payload: payload,
    ...sdkMetadata(answer),
    StatusCode: answer.status,
  };
}

/** What the function threw: its type is the error, all that it said the cause. */
function functionFailure(text: string): TaskResult {
  const payload = jsonOrText(text);
  const errorType = isJsonObject(payload) ? payload["errorType"] : undefined;
  if (typeof errorType === "string" && errorType !== "") return { kind: "Failed", error: errorType, cause: text };
  return {
    kind: "Failed",
    error: "Lambda.Unknown",
    cause: `The cause could not be determined because Lambda did not return an error type. Returned payload: ${text}`,
  };
}

/** Lambda did not invoke the function. */
function refusal(answer: HttpAnswer): TaskResult {
  const { status } = answer;
  const body = jsonOrText(answer.body?.toString("utf8") ?? "");
  const { Message, message, Type, __type } = parametersOf(body);
  const told = Message ?? message;
  const named = headerOf(answer, "x-amzn-errortype") ?? (typeof __type === "string" ? __type : undefined);
  const byStatus = status === 429
    ? "TooManyRequestsException"
    : status >= 500
    ? "ServiceException"
    : "AWSLambdaException";
  return serviceFailure({
    prefix: "Lambda",
    service: "AWSLambda",
    status,
    code: named?.split(":", 1)[0]?.split("#").at(-1) ?? byStatus,
    message: typeof told === "string" ? told : typeof Type === "string" ? Type : answer.statusText,
    requestId: headerOf(answer, "x-amzn-requestid") ?? "",
  });
}

/** Where functions are when AWS's services may be called. */
function awsOwnEndpoint(environment: Pick<Environment, "env">): string | undefined {
  const { aws } = awsSettings(environment);
  if (aws === undefined || !isOpen(aws, "lambda")) return undefined;
  return endpointOf(aws, "lambda") ?? `https://lambda.${aws.region}.amazonaws.com`;
}

/** Settings of Lambda. */
export interface LambdaSettings {
  /** `http://host:port` of a Lambda Invoke API. Absent: tasks of functions go to workers by the function's ARN. */
  readonly lambdaEndpoint?: string;
  /** Functions are called with these keys. Absent: calls are not signed. Secret. */
  readonly lambdaKeys?: AwsKeys;
}

/** Its line in the catalog. */
export const lambdaEntry: IntegrationEntry<LambdaSettings> = {
  resources: ["arn:aws:lambda:us-east-1:111111111111:function:charge", "arn:aws:states:::lambda:invoke"],
  documentedIn: "integrations.md#lambda",
  settings: ({ env }) => {
    const lambdaEndpoint = urlSetting("LAMBDA_ENDPOINT", env["LAMBDA_ENDPOINT"]) ?? awsOwnEndpoint({ env });
    if (lambdaEndpoint === undefined) return {};
    const accessKeyId = env["AWS_ACCESS_KEY_ID"] ?? "";
    const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"] ?? "";
    if (accessKeyId === "" || secretAccessKey === "") return { lambdaEndpoint };
    const region = env["AWS_REGION"] ?? "us-east-1";
    const sessionToken = env["AWS_SESSION_TOKEN"];
    return { lambdaEndpoint, lambdaKeys: { region, accessKeyId, secretAccessKey, ...present({ sessionToken }) } };
  },
  setUp: ({ lambdaEndpoint: endpoint, lambdaKeys: keys }, { limits }) =>
    endpoint === undefined ? undefined : new LambdaIntegration({ endpoint, limits, ...present({ keys }) }),
};
