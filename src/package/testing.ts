/** `import { testMachine } from "@weft-dev/weft/testing"`: definitions under `node:test`, vitest or `deno test`. */
export {
  type Coverage,
  type Covered,
  type MachineRun,
  type Mock,
  type MockedState,
  neverAnswers,
  type RunOptions,
  type StateRun,
  type StateTested,
  type TestMachine,
  testMachine,
} from "../testing/mod.ts";
export type { HistoryEvent } from "../runtime/engine.ts";
export { type RunningTask, TaskFailure, type TaskHandler } from "../sdk/mod.ts";
export type { Json, JsonObject, Limits } from "../values/mod.ts";
