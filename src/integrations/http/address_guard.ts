/**
 * Keeps the tasks of users away from the operator's own network: a definition comes from a user, and the engine stands where the user
 * does not. Loopback, private and link-local networks (so the clouds' metadata addresses, too) and all that is no public unicast address
 * is refused, unless the operator allows it.
 *
 * The address is looked at when the connection is made, not before: a name that points elsewhere a moment later gains nothing.
 */
import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/** The address is one that tasks must not reach. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";

  constructor(host: string) {
    super(`The host "${host}" is not to be reached by tasks: its address is an internal one`);
  }
}

/** Says which addresses tasks may reach. */
export class AddressGuard {
  readonly #hosts: ReadonlySet<string>;
  readonly #networks: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];
  readonly #allowsAll: boolean;

  /**
   * @param internal hosts, addresses and networks (`10.0.0.0/8`) that may be reached although they are internal; `*` for all
   * @throws {RangeError} an entry that is none of these
   */
  constructor(internal: readonly string[]) {
    this.#allowsAll = internal.includes("*");
    const networks = internal.filter((entry) => entry.includes("/"));
    const bad = networks.find((entry) => !ipaddr.isValidCIDR(entry));
    if (bad !== undefined) throw new RangeError(`Expected a network such as "10.0.0.0/8", but got "${bad}"`);
    this.#networks = networks.map((entry) => ipaddr.parseCIDR(entry));
    this.#hosts = new Set(internal.map((entry) => entry.toLowerCase()));
  }

  /** True for a host that is allowed by its name, or for all where all are. */
  trusts(host: string): boolean {
    return this.#allowsAll || this.#hosts.has(bare(host));
  }

  /** True for internal hosts that are allowed: they may be spoken to without TLS. */
  allowsPlainText(host: string): boolean {
    if (this.trusts(host)) return true;
    const address = bare(host);
    return isIP(address) !== 0 && ipaddr.process(address).range() !== "unicast" && this.allows(address);
  }

  /** True when this address may be reached. */
  allows(address: string): boolean {
    if (this.#allowsAll || this.#hosts.has(address)) return true;
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address); // an IPv4 address in an IPv6 one is what counts
    if (parsed.range() === "unicast") return true;
    return this.#networks.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
  }

  /** Checks a host that is an address itself: no look-up would see it. @throws {AddressRefused} */
  check(host: string): void {
    const address = bare(host);
    if (isIP(address) !== 0 && !this.allows(address)) throw new AddressRefused(host);
  }

  /** A look-up that gives allowed addresses only, and fails with {@link AddressRefused} where there are others alone. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    systemLookup(host, { ...options, all: true }, (failure, addresses) => {
      if (failure !== null) return callback(failure, "");
      const allowed = this.trusts(host) ? addresses : addresses.filter(({ address }) => this.allows(address));
      const [first] = allowed;
      if (first === undefined) return callback(new AddressRefused(host), "");
      if (options.all === true) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, "").toLowerCase();
}
