/** Six bugs that can be put into a simulation, to see that it finds them. */
import type { KeyValueStore } from "../../src/storage/port.ts";
import { NodeLog, type SimLog } from "./world/sim_log.ts";
import type { SimNode } from "./world/sim_node.ts";
import { NodeStore, type SimDisk } from "./world/sim_store.ts";

/** The ports of a node, sound or with a bug. */
export interface BugPorts {
  log(log: SimLog, node: SimNode): NodeLog;
  store(disk: SimDisk, node: SimNode, atomicKeysMax: number, onCommitted: () => void): KeyValueStore;
}

/** Ports without a bug. */
export const soundPorts: BugPorts = {
  log: (log, node) => new NodeLog(log, node),
  store: (disk, node, atomicKeysMax, onCommitted) => new NodeStore(disk, node, atomicKeysMax, onCommitted),
};
