/** One outcome per command, and none but what the protocol says of it: read from the records alone, without any code of the actors. */
import { type Command, isCommand, outcomes, type Turn } from "../../../src/protocol/mod.ts";

interface Open {
  readonly type: Command["type"];
  /** Its outcome must stand in the same turn. */
  readonly isTakenUp: boolean;
  outcome: "none" | "events" | "rejection";
}

/** The commands of one execution, by their ordinal. */
export class CommandLedger {
  readonly #commands: Open[] = [];
  /** Commands without an outcome. */
  unprocessed = 0;

  /** Takes a turn in; returns what is wrong with it. */
  take(turn: Turn): string | undefined {
    const carried = new Map(turn.carried);
    const before = this.#commands.length;
    let last: Open | undefined;
    for (const [index, record] of turn.records.entries()) {
      if (record.type === "DefinitionAddedEvent") continue;
      if (record.type === "TakenUpCommand" || isCommand(record)) {
        const type = record.type === "TakenUpCommand" ? record.command : record.type;
        this.#commands.push({ type, isTakenUp: record.type === "TakenUpCommand", outcome: "none" });
        this.unprocessed += 1;
        last = undefined;
        continue;
      }
      const open = this.#commands[(carried.get(index) ?? this.#commands.length) - 1];
      if (open === undefined) return `${record.type} answers no command`;
      const { type } = open;
      if (open.outcome !== "none" && (open !== last || open.outcome === "rejection")) {
        return `${record.type} is a second outcome of ${type}, after ${open.outcome}`;
      }
      const allowed: readonly string[] = outcomes[type];
      const isRejection = record.type.endsWith("Rejection");
      const isFitting = isRejection
        ? record.type === type.replace(/Command$/, "Rejection")
        : allowed.includes(record.type);
      if (!isFitting) return `${record.type} cannot follow from ${type}`;
      if (open.outcome === "none") this.unprocessed -= 1;
      open.outcome = isRejection ? "rejection" : "events";
      last = open;
    }
    const left = this.#commands.slice(before).find(({ isTakenUp, outcome }) => isTakenUp && outcome === "none");
    if (left !== undefined) return `${left.type} was taken up, but has no outcome`;
    return undefined;
  }
}
