import { createHash } from "node:crypto";
import type { Member, MemberId } from "./port.ts";

/**
 * Members by how much a partition wants them, most first: highest random weight (rendezvous hashing), so that a member who
 * comes or goes moves no partition but those that it gets or had. By name, which outlives a restart, so that what a node has in its
 * store is of use again; members of one name are told apart by their ids.
 */
export function ranked(partition: number, members: readonly Member[]): readonly MemberId[] {
  const names = new Set<string>();
  const twice = new Set(members.flatMap(({ name }) => names.has(name) || !names.add(name) ? [name] : []));
  return members
    .map(({ id, name }) => ({ id, weight: weightOf(partition, twice.has(name) ? `${name} ${id}` : name) }))
    .sort((a, b) => (a.weight === b.weight ? (a.id < b.id ? -1 : 1) : a.weight < b.weight ? 1 : -1))
    .map(({ id }) => id);
}

/**
 * Who should lead each partition: its first in rank who has not got his share yet, which is at most one more than anybody else's.
 * Members that are leaving get none. Empty when there is nobody to lead.
 */
export function placement(partitionCount: number, members: readonly Member[]): readonly MemberId[] {
  const staying = members.filter(({ isLeaving }) => !isLeaving);
  if (staying.length === 0) return [];
  const shareMax = Math.ceil(partitionCount / staying.length);
  const shares = new Map<MemberId, number>();
  return Array.from({ length: partitionCount }, (_, partition) => {
    const order = ranked(partition, staying);
    const leader = order.find((id) => (shares.get(id) ?? 0) < shareMax) ?? order[0] ?? "";
    shares.set(leader, (shares.get(leader) ?? 0) + 1);
    return leader;
  });
}

/** True for the id of one of these members: whoever holds a lease may be a member no more. */
export function isAlive(members: readonly Member[], id: MemberId | undefined): id is MemberId {
  return id !== undefined && members.some((member) => member.id === id);
}

function weightOf(partition: number, name: string): string {
  return createHash("sha256").update(`${partition} ${name}`).digest("hex");
}
