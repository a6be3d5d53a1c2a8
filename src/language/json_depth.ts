import type { Json } from "../values/mod.ts";

/** True when `value` has more than `depthMax` containers within each other. Does not overflow, however deep it is. */
export function isDeeperThan(value: Json, depthMax: number): boolean {
  if (value === null || typeof value !== "object") return false;
  if (depthMax <= 0) return true;
  if (Array.isArray(value)) return value.some((item: Json) => isDeeperThan(item, depthMax - 1));
  return Object.values(value).some((member: Json) => isDeeperThan(member, depthMax - 1));
}
