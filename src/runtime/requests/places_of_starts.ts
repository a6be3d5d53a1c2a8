/** Where executions without a key go to live. */
import { type ExecutionId, executionId, hash7, type Space, timestamp } from "../../values/mod.ts";
import type { Randomness, WallClock } from "../clock.ts";
import type { PartitionHomes } from "./partition_homes.ts";

/** Partitions that a space's starts go to at a time: with fewer of them each batch has more turns, and each turn costs less. */
const AT_ONCE = 4;
/** After so long, milliseconds, others are chosen: so all have their share in the end. */
const CHOSEN_MS = 1_000;
/** How often a hash is drawn for one place in search of a partition that is led here: with a share of a tenth, one place in thirty is led elsewhere. */
const DRAWS_MAX = 32;
/** Spaces whose choice is kept. */
const SPACES_MAX = 4_096;

type Homes = Pick<PartitionHomes, "of" | "isHere">;

interface PlacesOptions {
  readonly clock: Pick<WallClock, "nowEpochMs">;
  readonly randomness: Pick<Randomness, "uuid">;
}

interface Choice {
  /** One at least. */
  readonly hashes: readonly string[];
  /** This node led all of them when they were chosen. */
  readonly isHere: boolean;
  readonly untilEpochMs: number;
  next: number;
}

/** An id of no execution, that lives where all of this hash do. */
export function placeOf(space: Space, hash: string): ExecutionId {
  return executionId(space, hash, timestamp(0, 0));
}

/** Chooses hashes for the ids of starts that may live anywhere: where this node leads, which spares the way to another, and few at a time. */
export class PlacesOfStarts {
  readonly #homes: Homes;
  readonly #clock: PlacesOptions["clock"];
  readonly #choices = new Map<string, Choice>();
  #lastHash: string;

  constructor(
    homes: Homes,
    { clock, randomness }: PlacesOptions,
  ) {
    this.#homes = homes;
    this.#clock = clock;
    this.#lastHash = hash7(randomness.uuid());
  }

  /** The hash for the next start of this space. */
  next(space: Space): string {
    const name = `${space.tenant}/${space.namespace}`;
    const nowEpochMs = this.#clock.nowEpochMs();
    let choice = this.#choices.get(name);
    // A clock that was set back does not keep a choice for hours.
    const remainingMs = (choice?.untilEpochMs ?? 0) - nowEpochMs;
    if (choice === undefined || remainingMs <= 0 || remainingMs > CHOSEN_MS) {
      if (this.#choices.size >= SPACES_MAX) this.#choices.clear();
      choice = { ...this.#choose(space), untilEpochMs: nowEpochMs + CHOSEN_MS, next: 0 };
      this.#choices.set(name, choice);
    }
    const hash = choice.hashes[choice.next] ?? this.#lastHash;
    choice.next = (choice.next + 1) % choice.hashes.length;
    // What this node leads no more is led elsewhere, and answered from there.
    if (choice.isHere && !this.#homes.isHere(this.#homes.of(placeOf(space, hash)))) this.#choices.delete(name);
    return hash;
  }

  #choose(space: Space): Pick<Choice, "hashes" | "isHere"> {
    const here = new Map<number, string>();
    const anywhere: string[] = [];
    for (let draws = 0; draws < DRAWS_MAX * AT_ONCE && here.size < AT_ONCE; draws++) {
      this.#lastHash = hash7(this.#lastHash);
      const partition = this.#homes.of(placeOf(space, this.#lastHash));
      if (this.#homes.isHere(partition)) here.set(partition, this.#lastHash);
      else if (anywhere.length < AT_ONCE) anywhere.push(this.#lastHash);
    }
    return here.size > 0 ? { hashes: [...here.values()], isHere: true } : { hashes: anywhere, isHere: false };
  }
}
