export { Coverage, type Covered } from "./coverage.ts";
export * from "./test_machine.ts";
export type { MockedState, StateTested } from "./test_one_state.ts";
