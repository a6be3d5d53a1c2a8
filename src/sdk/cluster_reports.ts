/** What operators want to know of a running cluster: what its nodes say of themselves, and what waits for workers. Over a client's connection. */
import { JetStreamApiError, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { errors, type NatsConnection } from "@nats-io/transport-node";
import { decodeNodeReport, NODE_REPORTS_SUBJECT, type NodeReport } from "../runtime/mod.ts";
import type { TaskBacklog } from "../tasks/mod.ts";
import { present } from "../values/mod.ts";

/** A node's report, and how far its clock is from ours. Milliseconds. */
export interface HeardReport extends NodeReport {
  /** Its clock minus this machine's, at best guess. */
  readonly clockOffsetMs: number;
  /** How exact that is. */
  readonly uncertaintyMs: number;
}

const STREAM = "WEFT_TASKS";
/** How long an answer may take. */
const ANSWER_MS = 2_000;
const NODES_MAX = 1_000;
const TYPES_MAX = 1_000;
const STREAM_NOT_FOUND = 10_059;

/** Asks all nodes. Those that do not answer in time are left out. */
export async function nodeReports(connection: NatsConnection): Promise<readonly HeardReport[]> {
  const askedAtMs = Date.now();
  const reports: HeardReport[] = [];
  try {
    const answers = await connection.requestMany(NODE_REPORTS_SUBJECT, undefined, {
      strategy: "stall",
      maxWait: ANSWER_MS,
      noMux: true,
    });
    for await (const message of answers) {
      const heard = heardReport(message.string(), askedAtMs);
      if (heard !== undefined) reports.push(heard);
      if (reports.length >= NODES_MAX) break;
    }
  } catch (failure) {
    if (!(failure instanceof errors.NoRespondersError)) throw failure; // nobody runs
  }
  return reports.sort((left, right) => left.node < right.node ? -1 : 1);
}

function heardReport(text: string, askedAtMs: number): HeardReport | undefined {
  const halfMs = (Date.now() - askedAtMs) / 2;
  const report = decodeNodeReport(text);
  return report === undefined
    ? undefined
    : { ...report, clockOffsetMs: report.nowEpochMs - askedAtMs - halfMs, uncertaintyMs: halfMs + 1 };
}

/** What waits for workers, by type of task, the most first. Nothing where there is no stream of tasks yet. @throws {Error} the server does not answer */
export async function taskBacklogs(connection: NatsConnection): Promise<readonly TaskBacklog[]> {
  const manager = await jetstreamManager(connection, { timeout: ANSWER_MS });
  const counts = await tasksBySubject(manager);
  const consumers = await workersBySubject(manager);
  const backlogs: TaskBacklog[] = [];
  for (const [subject, count] of [...counts].sort(([, left], [, right]) => right - left).slice(0, TYPES_MAX)) {
    const [, , tenant = "", namespace = "", type = ""] = subject.split(".");
    const { inWork, asking } = consumers.get(subject) ?? { inWork: 0, asking: 0 };
    const oldest = await oldestTask(manager, subject);
    backlogs.push({
      tenant,
      namespace,
      resource: oldest?.resource ?? type,
      waiting: Math.max(0, count - inWork),
      inWork,
      workersAsking: asking,
      ...present({ oldestAtEpochMs: oldest?.atEpochMs }),
    });
  }
  return backlogs;
}

async function tasksBySubject(manager: JetStreamManager): Promise<ReadonlyMap<string, number>> {
  try {
    const { state } = await manager.streams.info(STREAM, { subjects_filter: ">" });
    return new Map(Object.entries(state.subjects ?? {}));
  } catch (failure) {
    if (failure instanceof JetStreamApiError && failure.code === STREAM_NOT_FOUND) return new Map();
    throw failure;
  }
}

/** Of the consumers, by the subject that they filter. */
async function workersBySubject(
  manager: JetStreamManager,
): Promise<ReadonlyMap<string, { readonly inWork: number; readonly asking: number }>> {
  const workers = new Map<string, { inWork: number; asking: number }>();
  try {
    for await (const { config, num_ack_pending: inWork, num_waiting: asking } of manager.consumers.list(STREAM)) {
      if (config.filter_subject !== undefined) workers.set(config.filter_subject, { inWork, asking });
      if (workers.size >= TYPES_MAX) break;
    }
  } catch (failure) {
    if (!(failure instanceof JetStreamApiError && failure.code === STREAM_NOT_FOUND)) throw failure;
  }
  return workers;
}

/** The oldest message of a subject; one that is gone meanwhile, or is none of ours, says nothing. */
async function oldestTask(
  manager: JetStreamManager,
  subject: string,
): Promise<{ readonly resource: string; readonly atEpochMs: number } | undefined> {
  try {
    const message = await manager.direct.getMessage(STREAM, { seq: 1, next_by_subj: subject });
    if (message === null) return undefined;
    const { resource }: { readonly resource?: unknown } = message.json();
    return typeof resource === "string" ? { resource, atEpochMs: message.time.getTime() } : undefined;
  } catch {
    return undefined;
  }
}
