import { isJsonObject, type Json } from "../values/mod.ts";
import type { Budget } from "./budget.ts";

/**
 * True when two values are the same JSON: numbers by value, objects without regard to the order of keys.
 * Goes as deep as the values do: payloads are bounded in depth where they come in.
 */
export function equalJson(left: Json, right: Json, budget: Budget): boolean {
  if (typeof left === "string" && typeof right === "string" && left.length === right.length) budget.chargeText(left);
  else budget.charge(1);
  if (left === right) return true;
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length &&
      left.every((item, index) => equalJson(item, right[index] ?? null, budget));
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && equalJson(left[key] ?? null, right[key] ?? null, budget));
}
