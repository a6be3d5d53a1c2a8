import { Effect } from "effect";
import type { Cluster, ClusterView } from "./port.ts";

const SELF = "sole";

/** The cluster of a node that is alone by construction: it holds every lease for ever, and there is nobody to speak to. */
export function soleMember(partitionCount: number): Cluster["Service"] {
  const view: ClusterView = {
    self: SELF,
    members: [{ id: SELF, name: SELF, isLeaving: false }],
    holders: new Map(Array.from({ length: partitionCount }, (_, partition) => [partition, SELF])),
  };
  return {
    view: () => view,
    onChange: () => () => {},
    acquire: () => Effect.succeed(true),
    handOver: () => Effect.succeed(false),
    confirm: (answer) => answer("confirmed"),
    leave: () => Effect.void,
    send: () => {},
    onMessage: () => {},
  };
}
