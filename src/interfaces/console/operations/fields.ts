/** Members that several operations' requests have. */
import { Schema } from "effect";
import { executionStatuses } from "../../../protocol/mod.ts";
import type { Json } from "../../../values/mod.ts";

const text = (min: number, max: number) => Schema.String.check(Schema.isMinLength(min), Schema.isMaxLength(max));
const optional = Schema.optionalKey;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** An execution's id. */
export const executionId = text(1, 512);
/** An ARN. */
export const arn = text(1, 2_000);
/** An activity's or a task's id. */
export const actorId = text(1, 512);
/** A workflow's name. */
export const workflow = optional(text(1, 80));
/** One of the engine's words for an execution's status. */
export const status = optional(Schema.Literals(executionStatuses));
/** A time, ISO 8601 with a zone. */
export const instant = optional(
  Schema.String.check(
    Schema.makeFilter((value: string) => ISO.test(value) && !Number.isNaN(Date.parse(value)), {
      expected: "an ISO 8601 date and time with a zone",
    }),
  ),
);
/** What is searched for, without regard to case. */
export const words = optional(text(1, 256));
/** A Map Run's id. */
export const mapRun = optional(Schema.String.check(Schema.isPattern(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)));
/** Size of a page. */
export const limit = optional(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 })));
/** As the page before gave it. */
export const next = optional(text(1, 256));
/** The number of an event, or 0. */
export const after = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000_000 }));
/** An error's name. */
export const error = optional(Schema.String.check(Schema.isMaxLength(256)));
/** What a failure was. */
export const cause = optional(Schema.String.check(Schema.isMaxLength(32_768)));
/** Any JSON: the body is parsed by then, and no deeper than is allowed. */
export const json = Schema.declare<Json>((value): value is Json => value !== undefined);
