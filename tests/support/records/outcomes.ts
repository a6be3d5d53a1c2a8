import { ok } from "node:assert/strict";
import { type Event, isCommand, isEvent, outcomes, type Turn } from "../../../src/protocol/mod.ts";

/** Each command of a turn that was taken up there came to what `outcomes` says of it, or to its own rejection. */
export function assertOutcomes({ records, carried = [] }: Pick<Turn, "records" | "carried">): void {
  const ofEarlier = new Set(carried.map(([index]) => index));
  let command: keyof typeof outcomes | undefined;
  records.forEach((record, index) => {
    if (record.type === "TakenUpCommand") command = record.command;
    else if (isCommand(record)) command = record.type;
    else if (command !== undefined && !ofEarlier.has(index)) {
      const allowed: readonly Event["type"][] = outcomes[command];
      const isOutcome = isEvent(record)
        ? allowed.includes(record.type)
        : record.type === `${command.slice(0, -"Command".length)}Rejection`;
      ok(isOutcome, `${record.type} came of ${command}: say so in outcomes of src/protocol/commands.ts`);
    }
  });
}
