export { AwsIntegration, type AwsOptions } from "./aws/aws.ts";
export type { AwsDoor } from "./aws/aws_settings.ts";
export { ConnectionsInvalid } from "./http/connections.ts";
export { HttpIntegration, type HttpOptions, type HttpTrace } from "./http/http_invoke.ts";
export { type AwsKeys, LambdaIntegration, type LambdaOptions } from "./lambda/lambda.ts";
export { catalog, type IntegrationSettings, settingsFrom } from "./catalog.ts";
export type { IntegrationEntry, Surroundings } from "./entry.ts";
export { type Environment, SettingInvalid, type SettingsFile } from "./settings.ts";
export { type MappedSettings, mapSetting } from "./mapped/mapped.ts";
export { MockConfigInvalid } from "./mocks/mock_config.ts";
export { MockIntegration } from "./mocks/mocks.ts";
export { NatsIntegration, type NatsOptions } from "./nats/nats.ts";
export { NestedIntegration } from "./nested/nested.ts";
export { IntegrationRunner, type RunnerEngine, type RunnerOptions } from "./integration_runner.ts";
export { MapRunIntegration, type MapRunOptions } from "./map_run/mod.ts";
export {
  FileStore,
  NatsObjectStore,
  type ObjectSettings,
  type ObjectStores,
  objectStores,
  type S3Options,
  S3Store,
} from "./object_stores/mod.ts";
export { type Integration, type IntegrationRun, TaskEnded, type TaskResult } from "./port.ts";
