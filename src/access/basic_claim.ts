/** What a browser says of who sits before it, by HTTP's Basic scheme: taken apart, and not believed yet. */
import { createHash, timingSafeEqual } from "node:crypto";

const PATTERN = /^Basic +([A-Za-z0-9+/]{1,1024}={0,2})$/i;

/** User and password; `undefined`: the header is not there, or of another scheme. */
export function basicClaim(
  authorization: string | undefined,
): { readonly user: string; readonly password: string } | undefined {
  const [, encoded] = PATTERN.exec(authorization ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString();
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Compares without telling by its time where they differ. */
export function isSameSecret(wanted: string, given: string): boolean {
  const [left, right] = [wanted, given].map((text) => createHash("sha256").update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
