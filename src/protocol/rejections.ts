/** Rejections: why a wish came to nothing. Data, recorded where the command was. */
import { Schema } from "effect";
import type { Command } from "./commands.ts";

/** Why a command can come to nothing. */
export const rejectionReasons = ["NotFound", "AlreadyExists", "InvalidStatus", "InvalidArgument"] as const;
/** One of {@link rejectionReasons}. */
export type RejectionReason = (typeof rejectionReasons)[number];

/** `type` is the command's name with `Rejection` in place of `Command`. */
export const Rejection = Schema.Struct({
  type: Schema.TemplateLiteral([Schema.String, "Rejection"]),
  version: Schema.Literal(1),
  reason: Schema.Literals(rejectionReasons),
  message: Schema.String,
});
export type Rejection = typeof Rejection.Type;

/** The rejection of `command`. `message` reads "Expected …, but …". */
export function rejectionOf(command: Command, reason: RejectionReason, message: string): Rejection {
  return { type: `${command.type.slice(0, -"Command".length)}Rejection`, version: 1, reason, message };
}
