/** The part of {@link Homes} that needs no engine: clients, worker and the doctor's look. Loaded when it is asked for. */
import type { Homes } from "./homes.ts";

/** For homes to be spread into. */
export const natsHomes: Pick<Homes, "connectClient" | "connectHttp" | "connectWorker" | "inspectNats"> = {
  connectClient: async (options) => await (await import("./clients/nats_client.ts")).connectNatsClient(options),
  connectHttp: async (options) => await (await import("./clients/http_client.ts")).connectHttpClient(options),
  connectWorker: async (options) => await (await import("./clients/nats_client.ts")).connectNatsWorker(options),
  inspectNats: async (options) => await (await import("./doctor/inspect_nats.ts")).inspectNats(options),
};
