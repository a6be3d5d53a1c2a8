export { keepSchedules, type ScheduleKeeperOptions } from "./schedule_keeper.ts";
export { type OverlapPolicy, overlapPolicies, type ScheduleRecord } from "./schedule_record.ts";
export { scheduleArn } from "./scheduled_input.ts";
export { type PutMode, type PutScheduleRequest, type ScheduleDescription, Schedules } from "./schedules.ts";
