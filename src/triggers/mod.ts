export { keepTriggers, type TriggerKeeperOptions } from "./trigger_keeper.ts";
export { type PutTriggerRequest, type TriggerDescription, Triggers } from "./triggers.ts";
