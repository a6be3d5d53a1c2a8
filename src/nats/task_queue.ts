/** The stream of open tasks, and the consumers by which workers share it: one name and one configuration, whoever makes them first. */
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamManager,
} from "@nats-io/jetstream";
import { errors, nanos } from "@nats-io/transport-node";
import { hash7, ownConsumer, type Space } from "../values/mod.ts";

/** Name of the stream of open tasks. */
export const TASK_STREAM = "WEFT_TASKS";
/** Milliseconds after which a message whose worker is silent goes to another. */
export const TASK_ACK_WAIT_MS = 30_000;
/** Tasks of one consumer that may be in workers' hands at once. */
export const TASK_ACK_PENDING_MAX = 65_536;
/** A consumer of that name is there, with another configuration. */
const ALREADY_EXISTS = new Set([10_105, 10_148, 10_013]);
/** The account has no JetStream. */
const NOT_ENABLED = 10_039;
/** Another consumer has these tasks: of a work queue each goes to one. */
const NOT_UNIQUE = 10_100;

/** Whose tasks: those of one resource, or of one activity's ARN. */
export interface TaskQueue extends Space {
  readonly resource: string;
}

/** The subject on which a resource's tasks go out. */
export function taskSubject({ tenant, namespace, resource }: TaskQueue): string {
  return `weft.task.${tenant}.${namespace}.${hash7(resource)}`;
}

/**
 * The durable name of the consumer that all workers of a resource share, made where there is none.
 *
 * @throws {JetStreamApiError} there is no stream, or the server refuses
 * @throws {Error} no answer in time
 */
export async function ensureTaskConsumer(
  { consumers }: Pick<JetStreamManager, "consumers">,
  queue: TaskQueue,
): Promise<string> {
  const { tenant, namespace, resource } = queue;
  const subject = taskSubject(queue);
  const name = `weft-${tenant}-${namespace}-${hash7(resource)}`;
  try {
    return await ensureNamed(consumers, name, subject);
  } catch (failure) {
    if (mayNotMake(failure)) return ownConsumer(queue, queue.resource);
    throw failure;
  }
}

/** A tenant's user may not ask, and his account has no JetStream: there the engine makes the consumers. */
function mayNotMake(failure: unknown): boolean {
  if (failure instanceof JetStreamApiError) return failure.code === NOT_ENABLED;
  for (let inner = failure, depth = 0; inner instanceof Error && depth < 4; inner = inner.cause, depth++) {
    if (inner instanceof errors.PermissionViolationError) return true;
  }
  return false;
}

/** Makes the consumer of a resource under the name by which workers know it that cannot make it. */
export async function ensureOwnTaskConsumer(
  { consumers }: Pick<JetStreamManager, "consumers">,
  queue: TaskQueue,
): Promise<void> {
  await isMade(consumers, ownConsumer(queue, queue.resource), taskSubject(queue));
}

async function ensureNamed(consumers: JetStreamManager["consumers"], name: string, subject: string): Promise<string> {
  // Tenant "a-b" with namespace "c", and tenant "a" with namespace "b-c", make the same name.
  if (await isMade(consumers, name, subject)) return name;
  const longer = `${name}-${hash7(subject)}`;
  if (await isMade(consumers, longer, subject)) return longer;
  throw new Error(`Cannot make a consumer of ${subject}: "${longer}" is one of another subject`);
}

/** False: a consumer of that name is there, for another subject. One made by another version of us is as good. */
async function isMade(consumers: JetStreamManager["consumers"], name: string, subject: string): Promise<boolean> {
  try {
    await consumers.add(TASK_STREAM, configOf(name, subject));
    return true;
  } catch (failure) {
    if (failure instanceof JetStreamApiError && failure.code === NOT_UNIQUE) return false;
    if (!(failure instanceof JetStreamApiError && ALREADY_EXISTS.has(failure.code))) throw failure;
    return (await consumers.info(TASK_STREAM, name)).config.filter_subject === subject;
  }
}

function configOf(durable_name: string, filter_subject: string): Partial<ConsumerConfig> {
  return {
    durable_name,
    filter_subject,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(TASK_ACK_WAIT_MS),
    deliver_policy: DeliverPolicy.All,
    max_deliver: -1,
    max_ack_pending: TASK_ACK_PENDING_MAX,
  };
}
