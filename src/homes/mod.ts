export { embedded, type EmbeddedFailure, type EmbeddedOptions, openEmbeddedHome } from "./embedded.ts";
export { Executor, type ExecutorOptions, type NatsSettings } from "./executor.ts";
export type { Home } from "./home.ts";
export { natsHome, type NatsHomeFailure, type NatsHomeOptions, openNatsHome } from "./nats.ts";
export { cliHomes } from "./cli_homes.ts";
