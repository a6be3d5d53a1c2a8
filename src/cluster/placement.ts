import { createHash } from "node:crypto";
import type { Member, MemberId } from "./port.ts";

/** Weights that are kept: of so many partitions and names at once. */
const WEIGHTS_MAX = 65_536;
const weights = new Map<string, string>();

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
 * Who should lead each partition, as leases are held now: whoever holds it, unless it is not alive, leaves, or holds more than its share; else its
 * first in rank who has not got its share yet. Shares differ by one at most. Empty when there is nobody to lead.
 *
 * So a partition moves once when a node comes, leaves or dies, and no other does. While it comes about step by step the answer stays the same.
 */
export function placement(
  partitionCount: number,
  members: readonly Member[],
  holders: ReadonlyMap<number, MemberId>,
): readonly MemberId[] {
  const staying = members.filter(({ isLeaving }) => !isLeaving);
  if (staying.length === 0) return [];
  const ranks = Array.from({ length: partitionCount }, (_, partition) => ranked(partition, staying));
  const shares = new Shares(partitionCount, staying.length);
  const leaders = new Map<number, MemberId>();
  for (const [id, held] of heldBy(staying, holders, partitionCount)) {
    // Where it is less wanted it gives away first.
    const wanted = held.toSorted((a, b) => (ranks[a]?.indexOf(id) ?? 0) - (ranks[b]?.indexOf(id) ?? 0) || a - b);
    for (const partition of wanted) if (shares.take(id)) leaders.set(partition, id);
  }
  return ranks.map((order, partition) => leaders.get(partition) ?? order.find((id) => shares.take(id)) ?? "");
}

/**
 * Who stands by for each partition: who would lead it if its leader died, and who if that one died too, and so on.
 *
 * @param leaders by partition, who leads it or is about to
 * @param count of standbys, as far as there are members
 */
export function standbys(
  leaders: readonly (MemberId | undefined)[],
  members: readonly Member[],
  holders: ReadonlyMap<number, MemberId>,
  count: number,
): readonly (readonly MemberId[])[] {
  const known = new Map<string, readonly MemberId[]>();
  const without = (gone: readonly MemberId[]) => {
    const name = gone.toSorted().join(" ");
    const found = known.get(name) ?? placement(leaders.length, members.filter(({ id }) => !gone.includes(id)), holders);
    known.set(name, found);
    return found;
  };
  return leaders.map((leader, partition) => {
    const gone = leader === undefined ? [] : [leader];
    const following: MemberId[] = [];
    while (following.length < count) {
      const next = without([...gone, ...following])[partition];
      if (next === undefined) break;
      following.push(next);
    }
    return following;
  });
}

/** True for the id of one of these members: whoever holds a lease may be a member no more. */
export function isAlive(members: readonly Member[], id: MemberId | undefined): id is MemberId {
  return id !== undefined && members.some((member) => member.id === id);
}

/** How many partitions each may have: as many as all others, and some of them one more. */
class Shares {
  readonly #each: number;
  #more: number;
  readonly #taken = new Map<MemberId, number>();

  constructor(partitionCount: number, memberCount: number) {
    this.#each = Math.floor(partitionCount / memberCount);
    this.#more = partitionCount % memberCount;
  }

  /** Takes one more. False: it has its share. */
  take(id: MemberId): boolean {
    const taken = this.#taken.get(id) ?? 0;
    if (taken > this.#each || (taken === this.#each && this.#more === 0)) return false;
    if (taken === this.#each) this.#more -= 1;
    this.#taken.set(id, taken + 1);
    return true;
  }
}

/** What each of these members holds, by id: an order that stays while partitions move. */
function heldBy(
  members: readonly Member[],
  holders: ReadonlyMap<number, MemberId>,
  partitionCount: number,
): readonly (readonly [MemberId, readonly number[]])[] {
  const held = new Map<MemberId, number[]>(members.map(({ id }) => [id, []]));
  for (let partition = 0; partition < partitionCount; partition++) {
    held.get(holders.get(partition) ?? "")?.push(partition);
  }
  return [...held].sort(([a], [b]) => (a < b ? -1 : 1));
}

function weightOf(partition: number, name: string): string {
  const key = `${partition} ${name}`;
  const known = weights.get(key);
  if (known !== undefined) return known;
  const weight = createHash("sha256").update(key).digest("hex");
  if (weights.size >= WEIGHTS_MAX) weights.clear();
  weights.set(key, weight);
  return weight;
}
