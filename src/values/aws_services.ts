/**
 * AWS's services as tasks call them: one line for each, which validation, TestState and the tests of integrations read.
 *
 * Only what is sure is refused: a service that is not here may have any pattern, and a call that is not here any fields.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */
import type { IntegrationPattern, ServiceResource } from "./resource.ts";

/** An optimized integration of Step Functions. Each field has to be there, so that a new service leaves none out. */
export interface OptimizedService {
  /** How tasks can go on together with it, but for `Request`, which all have. */
  readonly patterns: readonly Exclude<IntegrationPattern, "Request">[];
  /** Service of AWS's API, by the name of its model, whose answers the results are; `undefined`: mocked results are not checked. */
  readonly answers: string | undefined;
  /** For each call the fields that it cannot do without; a call that is not here may have any. */
  readonly calls: Readonly<Record<string, readonly string[]>>;
}

/** By the names that services have in resources. */
const optimized = {
  apigateway: { patterns: ["Callback"], answers: undefined, calls: {} },
  athena: { patterns: ["Sync"], answers: "athena", calls: {} },
  batch: {
    patterns: ["Sync"],
    answers: "batch",
    calls: { submitJob: ["JobName", "JobQueue", "JobDefinition"] },
  },
  bedrock: { patterns: ["Sync"], answers: undefined, calls: {} },
  "bedrock-agentcore": { patterns: [], answers: undefined, calls: {} },
  codebuild: { patterns: ["Sync"], answers: "codebuild", calls: {} },
  databrew: { patterns: ["Sync"], answers: undefined, calls: {} },
  dynamodb: {
    patterns: [],
    answers: "dynamodb",
    calls: { getItem: ["TableName", "Key"], putItem: ["TableName", "Item"] },
  },
  ecs: { patterns: ["Sync", "Callback"], answers: "ecs", calls: { runTask: ["TaskDefinition"] } },
  eks: { patterns: ["Sync", "Callback"], answers: "eks", calls: {} },
  elasticmapreduce: { patterns: ["Sync"], answers: undefined, calls: {} },
  "emr-containers": { patterns: ["Sync"], answers: undefined, calls: {} },
  "emr-serverless": { patterns: ["Sync"], answers: undefined, calls: {} },
  events: { patterns: ["Callback"], answers: "events", calls: { putEvents: ["Entries"] } },
  glue: { patterns: ["Sync"], answers: "glue", calls: { startJobRun: ["JobName"] } },
  http: { patterns: ["Sync", "Callback"], answers: undefined, calls: { invoke: [] } },
  lambda: { patterns: ["Callback"], answers: undefined, calls: { invoke: ["FunctionName"] } },
  mediaconvert: { patterns: ["Sync"], answers: "mediaconvert", calls: {} },
  sagemaker: { patterns: ["Sync"], answers: undefined, calls: {} },
  sns: { patterns: ["Callback"], answers: "sns", calls: { publish: ["Message"] } },
  sqs: { patterns: ["Callback"], answers: "sqs", calls: { sendMessage: ["QueueUrl", "MessageBody"] } },
  states: {
    patterns: ["Sync", "Sync2", "Callback"],
    answers: "stepfunctions",
    calls: { startExecution: ["StateMachineArn"] },
  },
} as const satisfies Readonly<Record<string, OptimizedService>>;

/** Any service by AWS's SDK. */
const bySdk: OptimizedService = { patterns: ["Callback"], answers: undefined, calls: {} };
/** A service of which nothing is known. */
const unknown: OptimizedService = { patterns: ["Sync", "Callback"], answers: undefined, calls: {} };

/** Services of the SDK whose answers are known: the name of the model by the service's name in resources. */
const sdkAnswers = {
  athena: "athena",
  batch: "batch",
  bedrockruntime: "bedrock-runtime",
  cloudwatch: "cloudwatch",
  cloudwatchlogs: "logs",
  codebuild: "codebuild",
  dynamodb: "dynamodb",
  ecs: "ecs",
  eks: "eks",
  emr: "emr",
  eventbridge: "events",
  firehose: "firehose",
  glue: "glue",
  kinesis: "kinesis",
  kms: "kms",
  lambda: "lambda",
  mediaconvert: "mediaconvert",
  s3: "s3",
  scheduler: "scheduler",
  secretsmanager: "secretsmanager",
  sesv2: "sesv2",
  sfn: "stepfunctions",
  sns: "sns",
  sqs: "sqs",
  ssm: "ssm",
  sts: "sts",
} as const;

const optimizedByName: ReadonlyMap<string, OptimizedService> = new Map(Object.entries(optimized));
const sdkAnswersByName: ReadonlyMap<string, string> = new Map(Object.entries(sdkAnswers));

/** Models of services whose answers are known, by name, sorted. */
export const answeringServices: readonly string[] = [
  ...new Set([
    ...sdkAnswersByName.values(),
    ...[...optimizedByName.values()].flatMap(({ answers }) => answers ?? []),
  ]),
].sort();

/** What is known of the service that a resource names. */
export function awsServiceOf({ isSdk, service }: Pick<ServiceResource, "isSdk" | "service">): OptimizedService {
  if (!isSdk) return optimizedByName.get(service) ?? unknown;
  const answers = sdkAnswersByName.get(service);
  return answers === undefined ? bySdk : { ...bySdk, answers };
}

/** Fields that a call cannot do without; none where the call is not known. */
export function requiredFieldsOf(resource: Pick<ServiceResource, "isSdk" | "service" | "action">): readonly string[] {
  const { calls } = awsServiceOf(resource);
  return Object.hasOwn(calls, resource.action) ? calls[resource.action] ?? [] : [];
}
