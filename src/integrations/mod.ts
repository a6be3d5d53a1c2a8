export { ConnectionsInvalid } from "./http/connections.ts";
export { HttpIntegration, type HttpOptions } from "./http/http_invoke.ts";
export { LambdaIntegration, type LambdaOptions } from "./lambda/lambda.ts";
export { NatsIntegration, type NatsOptions } from "./nats/nats.ts";
export { NestedIntegration } from "./nested/nested.ts";
export { IntegrationRunner, type RunnerEngine, type RunnerOptions, TaskEnded } from "./integration_runner.ts";
export { MapRunIntegration, type MapRunOptions } from "./map_run/mod.ts";
export { FileStore, NatsObjectStore, type ObjectStores, type S3Options, S3Store } from "./object_stores/mod.ts";
export type { Integration, IntegrationRun, TaskResult } from "./port.ts";
