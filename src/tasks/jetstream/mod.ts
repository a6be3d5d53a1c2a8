export { type JetStreamTasksOptions, layerJetStreamTasks, TaskStreamUnavailable } from "./layer_jetstream_tasks.ts";
export { TASK_SUBJECTS } from "./task_stream.ts";
