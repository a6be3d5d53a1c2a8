export { ClusterRecordNewer } from "./records.ts";
export { type JetStreamClusterOptions, makeJetStreamCluster } from "./jetstream_cluster.ts";
