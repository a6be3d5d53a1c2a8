import { isJsonObject, type Json } from "./json.ts";

/** JSON text with the keys of every object in order: equal values give equal text, whoever wrote them. Absent and `undefined` are one. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? "null";
  const members = Object.keys(value).sort().flatMap((key) => {
    const member = value[key];
    return member === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(member)}`];
  });
  return `{${members.join(",")}}`;
}
