import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Microseconds in a clock tick of `/proc/{pid}/stat`: 100 ticks a second on Linux. */
const TICK_US = 10_000;
const BLOCK_BYTES = 512;

/** CPU time that a process has used so far, user and system, microseconds. Linux alone. */
export function cpuUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(") ") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

/** Resident memory, megabytes (10⁶ bytes). */
export function rssMb(pid: number): number {
  const line = readFileSync(`/proc/${pid}/status`, "utf8").split("\n").find((line) => line.startsWith("VmRSS:"));
  return Math.round(Number(line?.match(/\d+/)?.[0] ?? 0) * 1.024 / 1_000);
}

/** What the files in a folder and below take, megabytes (10⁶ bytes) of disk. */
export function diskMb(folder: string): number {
  let blocks = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    blocks += statSync(join(folder, name), { throwIfNoEntry: false })?.blocks ?? 0;
  }
  return Math.round(blocks * BLOCK_BYTES / 1_000_000);
}

/** Load average of the last minute: how quiet the machine was. */
export function loadAverage(): number {
  return Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]);
}
