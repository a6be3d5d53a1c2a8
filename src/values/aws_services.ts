/**
 * AWS's services as tasks call them: one line for each, which validation, TestState and the tests of integrations read.
 *
 * Only what is sure is refused: a service that is not here may have any pattern, and a call that is not here any fields.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */
import type { IntegrationPattern, ServiceResource } from "./resource.ts";

/** An optimized integration of Step Functions. */
export interface OptimizedService {
  /** How tasks can go on together with it, but for `Request`, which all have. */
  readonly patterns: readonly Exclude<IntegrationPattern, "Request">[];
  /** Service of AWS's API, by the name of its model, whose answers the results are; absent: results are not checked. */
  readonly answers?: string;
  /** Fields that its calls cannot do without; a call that is not here may have any. */
  readonly required?: Readonly<Record<string, readonly string[]>>;
}

/** By the names that services have in resources. */
const optimized = {
  apigateway: { patterns: ["Callback"] },
  athena: { patterns: ["Sync"], answers: "athena" },
  batch: { patterns: ["Sync"], answers: "batch" },
  "bedrock-agentcore": { patterns: [] },
  codebuild: { patterns: ["Sync"], answers: "codebuild" },
  databrew: { patterns: ["Sync"] },
  dynamodb: {
    patterns: [],
    answers: "dynamodb",
    required: { getItem: ["TableName", "Key"], putItem: ["TableName", "Item"] },
  },
  ecs: { patterns: ["Sync", "Callback"], answers: "ecs", required: { runTask: ["TaskDefinition"] } },
  eks: { patterns: ["Sync", "Callback"], answers: "eks" },
  elasticmapreduce: { patterns: ["Sync"] },
  "emr-containers": { patterns: ["Sync"] },
  "emr-serverless": { patterns: ["Sync"] },
  events: { patterns: ["Callback"], answers: "events", required: { putEvents: ["Entries"] } },
  glue: { patterns: ["Sync"], answers: "glue", required: { startJobRun: ["JobName"] } },
  lambda: { patterns: ["Callback"], required: { invoke: ["FunctionName"] } },
  mediaconvert: { patterns: ["Sync"], answers: "mediaconvert" },
  sagemaker: { patterns: ["Sync"] },
  sns: { patterns: ["Callback"], answers: "sns", required: { publish: ["Message"] } },
  sqs: { patterns: ["Callback"], answers: "sqs", required: { sendMessage: ["QueueUrl", "MessageBody"] } },
  states: {
    patterns: ["Sync", "Sync2", "Callback"],
    answers: "stepfunctions",
    required: { startExecution: ["StateMachineArn"] },
  },
} as const satisfies Readonly<Record<string, OptimizedService>>;

/** Any service by AWS's SDK. */
const bySdk: OptimizedService = { patterns: ["Callback"] };
/** A service of which nothing is known. */
const unknown: OptimizedService = { patterns: ["Sync", "Callback"] };

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
  const { required = {} } = awsServiceOf(resource);
  return Object.hasOwn(required, resource.action) ? required[resource.action] ?? [] : [];
}
