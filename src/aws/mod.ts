export { ACTIVITY_KIND, activityByArn } from "./activities/activity_record.ts";
export {
  ActivityTaskQueue,
  isActivity,
  type QueuedTask,
  type TaskActivation,
} from "./activities/activity_task_queue.ts";
export { type ActivityTask, type ActivityTasks, noActivityTasks } from "./activities/activity_tasks.ts";
export { type AwsAnswer, awsTime, failureOfRefusal, given, ifThere, orMissing } from "./answers.ts";
export {
  activityArn,
  type AwsScope,
  executionArn,
  expressArn,
  machineArn,
  mapRunArn,
  parseArn,
  parseMachineArn,
} from "./arns.ts";
export { type AwsCaller, type CallDraws, spaceOf, systemDraws } from "./aws_caller.ts";
export { AwsFailure, awsFailure } from "./aws_failure.ts";
export { parseInput, parseJsonText } from "./executions/execution_input.ts";
export {
  executionByArn,
  executionKey,
  executionMissing,
  scopeOf,
  shownExecution,
} from "./executions/execution_names.ts";
export { awsStatus } from "./executions/execution_status.ts";
export {
  type NestedCaller,
  nestedRefusal,
  type NestedRequest,
  type NestedStart,
  ownMachine,
  shownNested,
  startedChild,
  startNested,
} from "./executions/nested_executions.ts";
export { type StartedOnce, startOnce, type StartOnceRequest } from "./executions/start_once.ts";
export { prepareStart } from "./executions/prepared_start.ts";
export { redrives, redriveStatus } from "./executions/redrive_status.ts";
export { KeptHistories } from "./history/kept_histories.ts";
export { type Alias, ALIASES_MAX, aliasesOf, checkRouting, type Routes } from "./machines/aliases.ts";
export { checkDefinition, invalidDefinition } from "./machines/definition_check.ts";
export { deleteMachine } from "./machines/delete_machine.ts";
export { shownConfigurations, shownReferences, unconfigured } from "./machines/described_machine.ts";
export {
  type Machine,
  machineByName,
  machineMissing,
  machineOf,
  meantMachine,
  plainMachine,
  unlabeled,
} from "./machines/find_machine.ts";
export { type AliasRecord, decodeMachine, machineKinds, type MachineRecord } from "./machines/machine_record.ts";
export { INITIAL_REVISION, publishVersion, versionsOf } from "./machines/publish_version.ts";
export { describedMapRun, listedMapRun, mapRunArnOfChild, mapRunByArn, parentOf } from "./map_runs/shown_map_run.ts";
export { checkName } from "./names.ts";
export { itemCountOf, ShownAs, shownAsOf } from "./executions/shown_as.ts";
