export { runCli } from "./run_cli.ts";
export { lazyHomes } from "./lazy_homes.ts";
export { examineNats, natsHomes } from "./nats_homes.ts";
export { processIo } from "./process_io.ts";
export type { CliIo, StopSignal, TextSink, TextSource } from "./io.ts";
export type * from "./homes.ts";
export type { Finding } from "./doctor/finding.ts";
export type { NatsFacts } from "./doctor/nats_facts.ts";
