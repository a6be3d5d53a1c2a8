import type { SucceedState } from "../../../src/language/types.ts";
import type { Enter } from "../entry.ts";
import { enterChoice } from "./choice.ts";

/** Succeed: ends its machine or branch with its (selected) input. */
export const enterSucceed: Enter<SucceedState> = enterChoice;
