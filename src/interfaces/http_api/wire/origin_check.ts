/**
 * Which requests may come from a browser: a page that a developer visits must not reach the port on his machine.
 *
 * | attack | what shows it |
 * |---|---|
 * | a page elsewhere sends a request to this port | the browser names the page in `Origin`, and in `Sec-Fetch-Site` |
 * | DNS rebinding: the page's own name now leads to this port | `Host` is a name that somebody else can own |
 *
 * Nobody else can own an IP address, a name without a dot, or one of the domains below. Other names are trusted where they are listed. A server that
 * listens beyond the loopback interface is asked by programs under names that it cannot know: there only what a browser could have sent is held to this.
 */
import { isIP } from "node:net";

/** Domains that are nobody's on the internet: RFC 6761, and ICANN's for private use, which containers call their host by. */
const PRIVATE_DOMAINS = [".localhost", ".test", ".internal"];

/** What of a request is looked at. Headers that came twice are as `node:http` joins them. */
export interface RequestOrigin {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
}

/** How the server can be asked. */
export interface OriginPolicy {
  /** Host names of `Host` that are trusted besides those that nobody else can own; lower case. */
  readonly allowedHosts: readonly string[];
  /** Every request must have a trusted `Host`, not those of browsers alone. */
  readonly isStrict: boolean;
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Why a request is not answered; `undefined`: it may be. @param isForBrowsers what is asked for is meant for browsers, and so held to all of it */
export function originRefusal(
  { host = "", origin, fetchSite }: RequestOrigin,
  policy: OriginPolicy,
  isForBrowsers: boolean,
): string | undefined {
  const isOfBrowser = origin !== undefined || fetchSite !== undefined;
  if ((isForBrowsers || isOfBrowser || policy.isStrict) && !isTrusted(nameOf(host), policy)) {
    return `Expected a Host that is an address, localhost or a name that is allowed here, but got "${
      host.slice(0, 256)
    }"`;
  }
  if (fetchSite !== undefined && fetchSite !== "same-origin" && fetchSite !== "none") {
    return "Requests of other sites' pages are not answered";
  }
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return `Requests of pages of "${origin.slice(0, 256)}" are not answered`;
  }
  return undefined;
}

/** The name in a `Host` header, lower case, without port, brackets and a dot at its end. */
function nameOf(host: string): string {
  const name = /^\[([^\]]*)\](?::\d*)?$/.exec(host)?.[1] ?? host.replace(/:\d*$/, "");
  return name.toLowerCase().replace(/\.$/, "");
}

function isTrusted(name: string, { allowedHosts }: OriginPolicy): boolean {
  if (name === "") return false;
  if (isIP(name) !== 0 || !name.includes(".") || allowedHosts.includes(name)) return true;
  return PRIVATE_DOMAINS.some((domain) => name.endsWith(domain));
}
