import process from "node:process";
import { type MetricSource, sample } from "./telemetry.ts";

const MICROSECONDS = 1_000_000;

/** Memory and processor time of this process. */
export const processMetrics: MetricSource = () => {
  const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const memory = { rss, heap_used: heapUsed, heap_total: heapTotal, external, array_buffers: arrayBuffers };
  return [
    ...Object.entries(memory).map(([kind, bytes]) => sample("weft_memory_bytes", bytes, { kind })),
    sample("weft_cpu_seconds_total", user / MICROSECONDS, { mode: "user" }),
    sample("weft_cpu_seconds_total", system / MICROSECONDS, { mode: "system" }),
  ];
};
