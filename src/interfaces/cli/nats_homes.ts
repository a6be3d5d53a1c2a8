/** The part of {@link Homes} that needs no engine: clients, worker and the doctor's look. Loaded when it is asked for. */
import type { Finding } from "./doctor/finding.ts";
import type { Homes, InspectOptions } from "./homes.ts";

/** For homes to be spread into. */
export const natsHomes: Pick<Homes, "connectClient" | "connectHttp" | "connectWorker" | "inspectNats"> = {
  connectClient: async (options) => await (await import("./clients/nats_client.ts")).connectNatsClient(options),
  connectHttp: async (options) => await (await import("./clients/http_client.ts")).connectHttpClient(options),
  connectWorker: async (options) => await (await import("./clients/nats_client.ts")).connectNatsWorker(options),
  inspectNats: async (options) => await (await import("./doctor/inspect_nats.ts")).inspectNats(options),
};

/** Looks at a NATS server, and says what is to be done. Writes nothing. @throws {Error} it does not answer */
export async function examineNats(options: InspectOptions): Promise<readonly Finding[]> {
  const [{ inspectNats }, { findings }] = await Promise.all([
    import("./doctor/inspect_nats.ts"),
    import("./doctor/findings.ts"),
  ]);
  return findings(await inspectNats(options));
}
