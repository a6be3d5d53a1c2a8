export { keepSchedules, type ScheduleKeeperOptions } from "./schedule_keeper.ts";
export { overlapPolicies, type OverlapPolicy, type ScheduleRecord } from "./schedule_record.ts";
export { scheduleArn } from "./scheduled_input.ts";
export {
  type PutMode,
  type PutScheduleRequest,
  type ScheduleDescription,
  Schedules,
  type ShownSchedule,
  shownSchedule,
} from "./schedules.ts";
