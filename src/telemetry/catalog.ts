/**
 * Every metric that Weft has: its name, what it counts, in which unit, and by which labels it is told apart.
 *
 * The one place where they are declared: what measures names them by their key, `docs/metrics.md` is held against this list, and so are the
 * dashboard and the alert rules. A name that is out is kept: people's dashboards stand on it.
 */

/** What is said of one metric. */
export interface MetricDeclaration {
  /** `counter`: rises until the process ends. `gauge`: as it stands now. `histogram`: how often which value was seen. */
  readonly kind: "counter" | "gauge" | "histogram";
  /** Of its values: seconds and bytes are what they are called; the others count things. */
  readonly unit: "seconds" | "bytes" | "count" | "flag";
  /** What it says, in a sentence. */
  readonly meaning: string;
  /** Names of labels that every one of its series has. */
  readonly labels: readonly string[];
  /** Of a histogram: upper bounds of its buckets, rising; one without bound is behind them. */
  readonly bounds?: readonly number[];
}

/** From a tenth of a millisecond to ten seconds. */
const SECONDS = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** From a millisecond to a day. */
const LONG_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1_800, 3_600, 21_600, 86_400];
const COUNTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];
const BYTES = [1_024, 4_096, 16_384, 65_536, 262_144, 524_288, 1_048_576];

/** All metrics, by name. */
export const metrics = {
  weft_build_info: {
    kind: "gauge",
    unit: "flag",
    meaning: "Always 1; its labels say which Weft runs, in which home",
    labels: ["version", "home"],
  },
  weft_events_total: {
    kind: "counter",
    unit: "count",
    meaning: "Events that became durable here, by type: the rates of starts, states, tasks and ends",
    labels: ["type"],
  },
  weft_executions_ended_total: {
    kind: "counter",
    unit: "count",
    meaning: "Executions that have ended here, by how: Succeeded, Failed, TimedOut, Canceled",
    labels: ["status"],
  },
  weft_execution_seconds: {
    kind: "histogram",
    unit: "seconds",
    meaning: "How long executions took from their start to their end",
    labels: [],
    bounds: LONG_SECONDS,
  },
  weft_batch_turns: {
    kind: "histogram",
    unit: "count",
    meaning: "Turns in one batch, which is one entry of the log",
    labels: [],
    bounds: COUNTS,
  },
  weft_batch_bytes: {
    kind: "histogram",
    unit: "bytes",
    meaning: "Size of one batch",
    labels: [],
    bounds: BYTES,
  },
  weft_log_append_seconds: {
    kind: "histogram",
    unit: "seconds",
    meaning: "How long the log took to make a batch durable",
    labels: [],
    bounds: SECONDS,
  },
  weft_log_append_failures_total: {
    kind: "counter",
    unit: "count",
    meaning: "Appends that the log did not acknowledge: it was looked whether the batch is there",
    labels: [],
  },
  weft_phase_seconds: {
    kind: "histogram",
    unit: "seconds",
    meaning: "Latency by phase of the loop: queue (the oldest input of a chunk waits), load, decide, append, release",
    labels: ["phase"],
    bounds: SECONDS,
  },
  weft_request_seconds: {
    kind: "histogram",
    unit: "seconds",
    meaning: "How long requests took from taking them up to their durable answer, by operation",
    labels: ["operation"],
    bounds: SECONDS,
  },
  weft_requests_refused_total: {
    kind: "counter",
    unit: "count",
    meaning: "Requests that came to nothing, by the code of the refusal",
    labels: ["code"],
  },
  weft_timer_late_seconds: {
    kind: "histogram",
    unit: "seconds",
    meaning: "How long after its deadline a timer was taken up",
    labels: [],
    bounds: SECONDS,
  },
  weft_terms_ended_total: {
    kind: "counter",
    unit: "count",
    meaning: "Terms in which a partition was led or followed here, and that ended by a failure",
    labels: [],
  },
  weft_partition_role: {
    kind: "gauge",
    unit: "flag",
    meaning: "1 for what a partition is here: leading, following, starting, resting, stopped",
    labels: ["partition", "role"],
  },
  weft_partition_epoch: {
    kind: "gauge",
    unit: "count",
    meaning: "Epoch of a partition that is led here: rises with every election",
    labels: ["partition"],
  },
  weft_partition_sequence: {
    kind: "gauge",
    unit: "count",
    meaning: "Sequence in its log up to which a partition has been taken in here",
    labels: ["partition"],
  },
  weft_follower_lag_entries: {
    kind: "gauge",
    unit: "count",
    meaning: "Entries of its log that a follower has not taken in yet",
    labels: ["partition"],
  },
  weft_partition_inputs: {
    kind: "gauge",
    unit: "count",
    meaning: "Inputs in line before a partition",
    labels: ["partition"],
  },
  weft_hot_executions: {
    kind: "gauge",
    unit: "count",
    meaning: "Executions in memory",
    labels: ["partition"],
  },
  weft_parked_executions: {
    kind: "gauge",
    unit: "count",
    meaning: "Executions that take no commands until an operator has looked",
    labels: ["partition"],
  },
  weft_leases_held: {
    kind: "gauge",
    unit: "count",
    meaning: "Partitions whose lease this node holds",
    labels: [],
  },
  weft_cluster_members: {
    kind: "gauge",
    unit: "count",
    meaning: "Nodes of the cluster that are alive, as this one sees it",
    labels: [],
  },
  weft_tasks_waiting: {
    kind: "gauge",
    unit: "count",
    meaning: "Tasks that wait for a worker, by task type",
    labels: ["tenant", "namespace", "resource"],
  },
  weft_tasks_in_work: {
    kind: "gauge",
    unit: "count",
    meaning: "Tasks that workers have in hand, by task type",
    labels: ["tenant", "namespace", "resource"],
  },
  weft_tasks_oldest_seconds: {
    kind: "gauge",
    unit: "seconds",
    meaning: "Age of the oldest task that is not done, by task type",
    labels: ["tenant", "namespace", "resource"],
  },
  weft_workers_asking: {
    kind: "gauge",
    unit: "count",
    meaning:
      "Requests of workers that wait for a task, by task type: 0 beside tasks that wait means that nobody takes them",
    labels: ["tenant", "namespace", "resource"],
  },
  weft_nats_connected: {
    kind: "gauge",
    unit: "flag",
    meaning: "1 while the connection to NATS stands; absent in an embedded home",
    labels: [],
  },
  weft_nats_disconnects_total: {
    kind: "counter",
    unit: "count",
    meaning: "How often the connection to NATS was lost",
    labels: [],
  },
  weft_memory_bytes: {
    kind: "gauge",
    unit: "bytes",
    meaning: "Memory of the process by kind: rss, heap_used, heap_total, external, array_buffers",
    labels: ["kind"],
  },
  weft_cpu_seconds_total: {
    kind: "counter",
    unit: "seconds",
    meaning: "Processor time of the process, by mode: user, system",
    labels: ["mode"],
  },
  weft_traces_total: {
    kind: "counter",
    unit: "count",
    meaning: "Executions whose trace was to be exported, by outcome: exported, dropped (too many at once), failed",
    labels: ["outcome"],
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>;

/** The name of a metric. */
export type MetricName = keyof typeof metrics;

/** What is said of a metric. */
export function declarationOf(name: MetricName): MetricDeclaration {
  return metrics[name];
}

type NamesOf<Kind extends MetricDeclaration["kind"]> = {
  [Name in MetricName]: (typeof metrics)[Name]["kind"] extends Kind ? Name : never;
}[MetricName];

/** A metric whose value is one number. */
export type NumberName = NamesOf<"counter" | "gauge">;
/** A metric that says how often which value was seen. */
export type HistogramName = NamesOf<"histogram">;
