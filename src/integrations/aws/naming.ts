/** What AWS's services are called: in resources, in names of packages, in errors. */

/** Packages of AWS's SDK whose names have hyphens: resources name their services without. */
const HYPHENATED_NAMES = `
  acm-pca api-gateway app-mesh application-auto-scaling application-insights application-signals auto-scaling
  auto-scaling-plans backup-gateway bcm-data-exports bedrock-agent bedrock-agent-runtime bedrock-agentcore
  bedrock-agentcore-control bedrock-data-automation bedrock-data-automation-runtime bedrock-runtime
  chime-sdk-identity chime-sdk-media-pipelines chime-sdk-meetings chime-sdk-messaging chime-sdk-voice
  cloudfront-keyvaluestore cloudhsm-v2 cloudsearch-domain cloudwatch-events cloudwatch-logs codeguru-reviewer
  codestar-connections codestar-notifications cognito-identity cognito-identity-provider cognito-sync
  compute-optimizer config-service connect-contact-lens cost-and-usage-report-service cost-explorer
  cost-optimization-hub customer-profiles data-pipeline database-migration-service device-farm devops-guru
  direct-connect directory-service docdb-elastic dynamodb-streams ec2-instance-connect ecr-public
  elastic-beanstalk elastic-inference elastic-load-balancing elastic-load-balancing-v2 elastic-transcoder
  elasticsearch-service emr-containers emr-serverless geo-maps geo-places geo-routes global-accelerator
  iot-1click-projects iot-data-plane iot-events iot-events-data iot-jobs-data-plane iot-wireless ivs-realtime
  kinesis-analytics kinesis-analytics-v2 kinesis-video kinesis-video-archived-media kinesis-video-media
  kinesis-video-signaling kinesis-video-webrtc-storage launch-wizard lex-model-building-service lex-models-v2
  lex-runtime-service lex-runtime-v2 license-manager machine-learning marketplace-agreement
  marketplace-catalog marketplace-commerce-analytics marketplace-entitlement-service marketplace-metering
  mediapackage-vod mediastore-data medical-imaging migration-hub migration-hub-refactor-spaces
  migrationhub-config neptune-graph network-firewall partnercentral-account partnercentral-benefits
  partnercentral-selling payment-cryptography personalize-events personalize-runtime pinpoint-email
  pinpoint-sms-voice pinpoint-sms-voice-v2 qldb-session rds-data redshift-data redshift-serverless
  resource-explorer-2 resource-groups resource-groups-tagging-api route-53 route-53-domains
  route53-recovery-cluster route53-recovery-control-config route53-recovery-readiness s3-control
  sagemaker-a2i-runtime sagemaker-edge sagemaker-featurestore-runtime sagemaker-geospatial sagemaker-runtime
  secrets-manager service-catalog service-catalog-appregistry service-quotas signer-data
  snow-device-management ssm-contacts ssm-incidents sso-admin sso-oidc storage-gateway timestream-influxdb
  timestream-query timestream-write transcribe-streaming voice-id vpc-lattice waf-regional
  workspaces-instances workspaces-thin-client workspaces-web
`;

const packageByService: ReadonlyMap<string, string> = new Map(
  HYPHENATED_NAMES.trim().split(/\s+/).map((name) => [name.replaceAll("-", ""), name]),
);

/** What is particular to an optimized integration, or to a service that the SDK calls otherwise than resources do. */
interface NamedService {
  /** Of the package, after `@aws-sdk/client-`; where calls of one integration go to several, by call. */
  readonly package: string;
  readonly packages?: Readonly<Record<string, string>>;
  /** Errors begin with it. */
  readonly prefix: string;
  /** As causes name the service. */
  readonly service: string;
}

const optimized: Readonly<Record<string, NamedService>> = {
  athena: { package: "athena", prefix: "Athena", service: "AmazonAthena" },
  batch: { package: "batch", prefix: "Batch", service: "AWSBatch" },
  bedrock: {
    package: "bedrock",
    packages: { invokeModel: "bedrock-runtime" },
    prefix: "Bedrock",
    service: "Bedrock",
  },
  codebuild: { package: "codebuild", prefix: "CodeBuild", service: "AWSCodeBuild" },
  databrew: { package: "databrew", prefix: "DataBrew", service: "AWSGlueDataBrew" },
  dynamodb: { package: "dynamodb", prefix: "DynamoDB", service: "AmazonDynamoDBv2" },
  ecs: { package: "ecs", prefix: "ECS", service: "AmazonECS" },
  eks: { package: "eks", prefix: "EKS", service: "AmazonEKS" },
  elasticmapreduce: { package: "emr", prefix: "ElasticMapReduce", service: "AmazonElasticMapReduce" },
  "emr-containers": { package: "emr-containers", prefix: "EMRContainers", service: "AmazonEMRContainers" },
  "emr-serverless": { package: "emr-serverless", prefix: "EMRServerless", service: "AWSEMRServerless" },
  events: { package: "eventbridge", prefix: "EventBridge", service: "AmazonEventBridge" },
  glue: { package: "glue", prefix: "Glue", service: "AWSGlue" },
  lambda: { package: "lambda", prefix: "Lambda", service: "AWSLambda" },
  mediaconvert: { package: "mediaconvert", prefix: "MediaConvert", service: "AWSMediaConvert" },
  sagemaker: { package: "sagemaker", prefix: "SageMaker", service: "AmazonSageMaker" },
  sns: { package: "sns", prefix: "SNS", service: "AmazonSNS" },
  sqs: { package: "sqs", prefix: "SQS", service: "AmazonSQS" },
  states: { package: "sfn", prefix: "StepFunctions", service: "AWSStepFunctions" },
};

/** How a service is called that a resource names. */
export interface ServiceNames {
  /** Of the package that speaks its protocol: `@aws-sdk/client-dynamodb`. */
  readonly package: string;
  /** As in the name of its own endpoint's variable, without underscores and in small letters: `secretsmanager`. */
  readonly endpoint: string;
  /** What an optimized integration's errors begin with, and how its causes name it; by AWS's SDK: from the package. */
  readonly optimized?: { readonly prefix: string; readonly service: string };
}

/** Names of the service; `undefined` for an integration that is none of AWS's optimized ones. */
export function serviceNames(
  { isSdk, service, action }: { readonly isSdk: boolean; readonly service: string; readonly action: string },
): ServiceNames | undefined {
  if (isSdk) return /^[a-z0-9]{1,64}$/.test(service) ? named(packageByService.get(service) ?? service) : undefined;
  const own = Object.hasOwn(optimized, service) ? optimized[service] : undefined;
  if (own === undefined) return undefined;
  return { ...named(own.packages?.[action] ?? own.package), optimized: { prefix: own.prefix, service: own.service } };
}

function named(name: string): ServiceNames {
  return { package: `@aws-sdk/client-${name}`, endpoint: name.replaceAll("-", "") };
}

/**
 * The name of a service as errors of calls by AWS's SDK have it: words with capital first letters alone.
 *
 * @param serviceId of the service's model: `DynamoDB`, `Secrets Manager`, `SQS`
 * @returns `DynamoDb`, `SecretsManager`, `Sqs`
 */
export function errorPrefix(serviceId: string): string {
  const words = serviceId.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2");
  return words.split(/[^A-Za-z0-9]+/).map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1).toLowerCase()}`)
    .join("");
}
