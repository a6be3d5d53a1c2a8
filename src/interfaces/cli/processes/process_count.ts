/** An engine that is busy keeps a nats-server beside it half as busy. */
const CORES_A_PROCESS = 1.5;

/** How many processes so many cores can feed, with a nats-server beside them. */
export function processesForCores(cores: number): number {
  return Math.max(1, Math.floor(cores / CORES_A_PROCESS));
}
