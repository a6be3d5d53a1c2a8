import type { NatsFacts } from "../../../src/interfaces/cli/mod.ts";

/** A NATS server that nothing is to be said against, on which no Weft has been yet, though its services answer. */
export const fitServer: NatsFacts = {
  url: "nats://n1",
  server: { name: "n1", version: "2.15.1", clusterName: "c", payloadBytesMax: 1_048_576 },
  roundTripMs: 1.2,
  jetStream: { isEnabled: true, memoryBytesMax: -1, memoryBytesUsed: 0, storageBytesMax: 1e9, storageBytesUsed: 1e6 },
  streams: [],
  nodes: [],
  backlogs: [],
  services: [{ name: "weft-executions", version: "0.1.0" }],
  clock: { offsetMs: -3, uncertaintyMs: 1 },
  disk: { syncIntervalMs: 0, syncsAlways: true },
};
