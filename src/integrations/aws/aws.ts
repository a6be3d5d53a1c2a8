/**
 * AWS's services, at their own endpoints or at any that speak their protocols: optimized integrations (`arn:aws:states:::dynamodb:putItem`,
 * `batch:submitJob.sync`), and calls by AWS's SDK (`arn:aws:states:::aws-sdk:secretsmanager:getSecretValue`).
 *
 * At least once, as in AWS. Calls that have a token to tell repeats by get one that is made from the task's id. A job of `.sync` is in the
 * history as soon as the service has taken it up: after a crash it is asked after, and not begun again.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
import { createHash } from "node:crypto";
import { Effect, Semaphore } from "effect";
import type { TaskMessage } from "../../tasks/mod.ts";
import {
  backoffDelayMs,
  isJsonObject,
  type JsonObject,
  type Limits,
  parseResource,
  present,
  type ServiceResource,
} from "../../values/mod.ts";
import { jsonOrText, parametersOf, resultTooLarge, sdkMetadata, shownResource } from "../aws_actions.ts";
import type { IntegrationEntry } from "../entry.ts";
import type { Integration, IntegrationRun, TaskResult } from "../port.ts";
import { submittedAnswer } from "../submitted_answer.ts";
import { callFailure, failedAnswer } from "./aws_failures.ts";
import { type AwsDoor, type AwsSettings, awsSettings, endpointOf, isOpen } from "./aws_settings.ts";
import { at, type Job, jobOf, renamedCall } from "./jobs.ts";
import { AnswerTooLarge, PackageMissing, type SdkRefusal, SdkService } from "./sdk_package.ts";
import { type ServiceNames, serviceNames } from "./naming.ts";
import { bytesText, sdkInput, taskResult, ValueRefused } from "./shapes.ts";

/** How AWS's services are called. */
export interface AwsOptions extends AwsDoor {
  readonly limits: Pick<Limits, "payloadBytesMax">;
}

const CONCURRENCY = 256;
/** Jobs that are asked after at the same moment. */
const ASKING_MAX = 16;
/** Between two questions after a job. */
const ASKING = { firstMs: 500, mostMs: 15_000 };
const TIMEOUT_MS = 60_000;
/** Services whose answers are made while one waits. */
const SLOW_TIMEOUT_MS = 15 * 60_000;
const slowServices = new Set(["lambda", "bedrockruntime", "bedrockagentruntime", "sagemakerruntime"]);
const ANSWER_BYTES_MAX = 6_291_556;
/** Done by integrations of their own. */
const others = new Set(["states:startExecution", "aws-sdk:sfn:startExecution", "lambda:invoke", "http:invoke"]);
const STATUS_TOO_MANY = 429;
const STATUS_SERVER = 500;

type Failed = Extract<TaskResult, { kind: "Failed" }> & { readonly mayPass?: boolean };
type Answered = { readonly kind: "Answered"; readonly answer: JsonObject } | Failed;

/** A call of a service: what a task names, and by which package it is made. */
interface Target {
  readonly resource: ServiceResource;
  readonly names: ServiceNames;
}

/** Calls AWS's services. */
export class AwsIntegration implements Integration {
  readonly name = "aws";
  readonly concurrencyMax = CONCURRENCY;
  readonly #options: AwsOptions;
  readonly #services = new Map<string, SdkService>();
  readonly #asking = Semaphore.makeUnsafe(ASKING_MAX);

  constructor(options: AwsOptions) {
    this.#options = options;
  }

  handles(resource: string): boolean {
    return this.#targetOf(resource) !== undefined;
  }

  close(): void {
    for (const service of this.#services.values()) service.close();
  }

  run(task: TaskMessage, run: IntegrationRun): ReturnType<Integration["run"]> {
    const target = this.#targetOf(task.resource);
    if (target === undefined) return Effect.die(new Error(`"${task.resource}" is no call of a service that is open`));
    const job = target.resource.pattern === "Sync" ? jobOf(target.resource.call) : undefined;
    return job === undefined
      ? Effect.map(this.#begun(task, target), (begun) => resultOf(begun))
      : this.#runJob(task, target, job, run);
  }

  #runJob(task: TaskMessage, target: Target, job: Job, run: IntegrationRun): ReturnType<Integration["run"]> {
    return Effect.gen({ self: this }, function* () {
      let begun = yield* submittedAnswer(task, run);
      if (begun === undefined) {
        const answered = yield* this.#begun(task, target);
        if (answered.kind === "Failed") return resultOf(answered);
        begun = answered.answer;
        yield* run.submitted(begun);
      }
      yield* run.onlyWaits;
      const parameters = job.parameters(parametersOf(task.input), parametersOf(begun));
      for (let attempt = 0;; attempt++) {
        yield* Effect.sleep(backoffDelayMs(ASKING, attempt));
        const asked = Effect.promise((signal) => this.#call(target, job.ask, parameters, task.taskId, signal));
        const answered = yield* this.#asking.withPermits(1)(asked);
        if (answered.kind === "Failed") {
          if (answered.mayPass !== true) return resultOf(answered);
          continue;
        }
        const ended = endedJob(job, answered.answer);
        if (ended !== undefined) return ended;
      }
    });
  }

  /** The answer to the task's own call. */
  #begun(task: TaskMessage, target: Target): Effect.Effect<Answered> {
    const { call, action } = target.resource;
    const renamed = renamedCall(call, action);
    const given = parametersOf(task.input);
    const parameters = renamed.parameters?.(given) ?? given;
    const asked = Effect.promise((signal) => this.#call(target, renamed.action, parameters, task.taskId, signal));
    return Effect.map(asked, (answered) => {
      if (answered.kind === "Failed" || renamed.result === undefined) return answered;
      return { kind: "Answered", answer: renamed.result(answered.answer) };
    });
  }

  async #call(
    { resource, names }: Target,
    action: string,
    parameters: JsonObject,
    taskId: string,
    signal: AbortSignal,
  ): Promise<Answered> {
    const named = resource.isSdk ? resource.call : resource.service;
    let service: SdkService | undefined;
    try {
      service = this.#service(names);
      const call = service.call(action);
      if (call === undefined) return failed("States.Runtime", `The service of "${named}" has no action "${action}"`);
      const input = sdkInput(call.input, parameters, tokenOf(`${taskId} ${action}`));
      const answer = await call.send(input, signal);
      const bodies = new Map([...answer.bodies].map(([name, bytes]) => [name, bytesText(bytes)]));
      const shown = taskResult(call.output, answer.output, resource.isSdk ? "text" : "milliseconds", bodies);
      if (resource.isSdk) return { kind: "Answered", answer: shown };
      const refused = failedAnswer(resource.call, shown);
      if (refused !== undefined && refused.kind === "Failed") return refused;
      const { SdkHttpMetadata, SdkResponseMetadata } = sdkMetadata(answer);
      const metadata = present({ SdkHttpMetadata, SdkResponseMetadata });
      return { kind: "Answered", answer: { ...ownForm(resource, shown), ...metadata } };
    } catch (failure) {
      if (failure instanceof PackageMissing) return failed("Weft.AwsSdkMissing", failure.message);
      if (failure instanceof ValueRefused) return failed("States.Runtime", failure.message);
      if (isTooLarge(failure)) return tooLarge(named);
      const refusal = signal.aborted ? undefined : service?.refusalOf(failure);
      if (refusal === undefined || service === undefined) throw failure;
      return { ...asFailed(callFailure(refusal, names, service.serviceId)), mayPass: mayPass(refusal) };
    }
  }

  #service(names: ServiceNames): SdkService {
    const { region, credentials } = this.#options;
    let service = this.#services.get(names.package);
    if (service === undefined) {
      const endpoint = endpointOf(this.#options, names.endpoint);
      const timeoutMs = slowServices.has(names.endpoint) ? SLOW_TIMEOUT_MS : TIMEOUT_MS;
      const address = { region, timeoutMs, bytesMax: ANSWER_BYTES_MAX, ...present({ endpoint, credentials }) };
      service = new SdkService(names.package, address);
      this.#services.set(names.package, service);
    }
    return service;
  }

  #targetOf(text: string): Target | undefined {
    const resource = parseResource(text);
    if (resource.kind !== "Service" || resource.action === "" || others.has(resource.call)) return undefined;
    const isJob = resource.pattern === "Sync" || resource.pattern === "Sync2";
    if (isJob && (resource.isSdk || jobOf(resource.call) === undefined)) return undefined;
    const names = serviceNames(resource);
    return names !== undefined && isOpen(this.#options, names.endpoint) ? { resource, names } : undefined;
  }
}

function failed(error: string, cause: string): Failed {
  return { kind: "Failed", error, cause };
}

function asFailed(result: TaskResult): Failed {
  return result.kind === "Failed" ? result : failed("States.Runtime", "The call failed");
}

function tooLarge(named: string): Failed {
  return asFailed(resultTooLarge(shownResource(`arn:aws:states:::${named}`)));
}

function resultOf(answered: Answered): TaskResult {
  if (answered.kind === "Answered") return { kind: "Completed", output: answered.answer };
  const { error, cause } = answered;
  return { kind: "Failed", error, ...present({ cause }) };
}

/** A UUID that is the same for a repeat of the same call. */
function tokenOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

/** The optimized integration with models has their answers as JSON. */
function ownForm({ call }: ServiceResource, answer: JsonObject): JsonObject {
  const { Body } = answer;
  return call === "bedrock:invokeModel" && typeof Body === "string" ? { ...answer, Body: jsonOrText(Body) } : answer;
}

function isTooLarge(failure: unknown): boolean {
  return failure instanceof AnswerTooLarge ||
    (failure instanceof Error && failure.cause instanceof AnswerTooLarge);
}

/** Asked again, the service may answer. */
function mayPass({ status, code }: SdkRefusal): boolean {
  return status === undefined || status === STATUS_TOO_MANY || status >= STATUS_SERVER || /Throttl|TooMany/.test(code);
}

/** The task's result, if the job is over. */
function endedJob(job: Job, answer: JsonObject): TaskResult | undefined {
  const word = at(answer, job.status);
  if (typeof word !== "string") return undefined;
  const result = at(answer, job.result) ?? answer;
  if (job.failed.includes(word)) return failed("States.TaskFailed", JSON.stringify(result));
  if (!job.succeeded.includes(word)) return undefined;
  return isJsonObject(result) && job.hasFailed?.(result) === true
    ? failed("States.TaskFailed", JSON.stringify(result))
    : { kind: "Completed", output: result };
}

/** Its line in the catalog. */
export const awsEntry: IntegrationEntry<AwsSettings> = {
  resources: [
    "arn:aws:states:::dynamodb:putItem",
    "arn:aws:states:::sqs:sendMessage",
    "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "arn:aws:states:::batch:submitJob",
    "arn:aws:states:::batch:submitJob.sync",
    "arn:aws:states:::aws-sdk:secretsmanager:getSecretValue",
  ],
  documentedIn: "integrations.md#awss-services",
  settings: awsSettings,
  setUp: ({ aws }, { limits }) => aws === undefined ? undefined : new AwsIntegration({ ...aws, limits }),
};
