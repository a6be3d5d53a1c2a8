import type { IncomingMessage } from "node:http";
import type { PresentedRequest } from "../../../access/mod.ts";

/** A request as far as it says who sent it. Headers that came twice are as `node:http` joins them, for the signature as for all else. */
export function presentedRequest({ method = "", url = "/", headers }: IncomingMessage): PresentedRequest {
  return {
    method,
    target: url,
    headerNames: Object.keys(headers),
    header: (name) => {
      const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
      return typeof value === "string" ? value : value?.join(", ");
    },
  };
}
