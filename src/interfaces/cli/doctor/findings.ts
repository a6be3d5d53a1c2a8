/** Judges a NATS server: facts in, findings with advice out. Pure. */
import { defaultLimits } from "../../../values/mod.ts";
import { formatBytes, formatDuration } from "../output/duration.ts";
import type { NatsFacts, StreamFacts } from "./nats_facts.ts";

/** One thing that was looked at, judged. */
export interface Finding {
  readonly name: string;
  /** `fail`: Weft does not work, or loses what it acknowledged. `unknown`: could not be seen. */
  readonly level: "ok" | "warn" | "fail" | "unknown";
  readonly message: string;
  /** What to do. */
  readonly advice?: string;
}

/** Older servers ignore newer stream settings without a word. */
export const natsVersionMin = { major: 2, minor: 12 } as const;
const CLOCK_OFFSET_MS_MAX = 5_000;
const CLOCK_OFFSET_MS_FATAL = 60_000;
const ROUND_TRIP_MS_MAX = 50;
/** Room for a message's headers beside a batch. */
const HEADER_BYTES = 4_096;

/** Every finding, in the order in which to act on them. */
export function findings(facts: NatsFacts): Finding[] {
  return [
    serverFinding(facts),
    jetStreamFinding(facts),
    payloadFinding(facts),
    syncFinding(facts),
    ...streamFindings(facts.streams),
    clockFinding(facts),
    roundTripFinding(facts),
    servicesFinding(facts),
  ];
}

function serverFinding({ server }: NatsFacts): Finding {
  const [major = 0, minor = 0] = server.version.split(".").map(Number);
  const { major: majorMin, minor: minorMin } = natsVersionMin;
  const isNewEnough = major > majorMin || (major === majorMin && minor >= minorMin);
  const where = server.clusterName === undefined ? "a single server" : `cluster "${server.clusterName}"`;
  const message = `nats-server ${server.version}, ${where}`;
  if (isNewEnough) return { name: "server", level: "ok", message };
  return {
    name: "server",
    level: "fail",
    message: `${message}: older than ${majorMin}.${minorMin}, it ignores settings that Weft relies on`,
    advice: `Install nats-server ${majorMin}.${minorMin} or later.`,
  };
}

function jetStreamFinding({ jetStream }: NatsFacts): Finding {
  if (!jetStream.isEnabled) {
    return {
      name: "jetstream",
      level: "fail",
      message: `JetStream is not there for this account: ${jetStream.reason}`,
      advice:
        "Start the server with --jetstream (or a jetstream block in its configuration), and enable it for the account.",
    };
  }
  const { storageBytesMax, storageBytesUsed, memoryBytesMax, memoryBytesUsed } = jetStream;
  const message = `JetStream: disk ${share(storageBytesUsed, storageBytesMax)}, memory ${
    share(memoryBytesUsed, memoryBytesMax)
  }`;
  const isFull = nearlyFull(storageBytesUsed, storageBytesMax) || nearlyFull(memoryBytesUsed, memoryBytesMax);
  if (!isFull) return { name: "jetstream", level: "ok", message };
  return {
    name: "jetstream",
    level: "warn",
    message: `${message}: nearly full`,
    advice: "Raise the limits of the account, or shorten Weft's retention.",
  };
}

function share(used: number, max: number): string {
  return max < 0 ? `${formatBytes(used)} used, no limit` : `${formatBytes(used)} of ${formatBytes(max)}`;
}

function nearlyFull(used: number, max: number): boolean {
  return max > 0 && used > 0.9 * max;
}

function payloadFinding({ server }: NatsFacts): Finding {
  const wanted = defaultLimits.batchBytesMax + HEADER_BYTES;
  const message = `messages up to ${formatBytes(server.payloadBytesMax)}`;
  if (server.payloadBytesMax >= wanted) return { name: "payload", level: "ok", message };
  return {
    name: "payload",
    level: "fail",
    message: `${message}: Weft writes up to ${formatBytes(wanted)} at once`,
    advice: "Set max_payload: 1MB in the server's configuration.",
  };
}

function syncFinding({ disk }: NatsFacts): Finding {
  const advice =
    "For data that must survive a power cut: jetstream { sync_interval: always } in the server's configuration.";
  if (disk === undefined) {
    return {
      name: "sync",
      level: "unknown",
      message: "how the server syncs to disk cannot be seen from here; its default is every 2 minutes",
      advice: `${advice} With --monitoring http://HOST:8222 it is checked.`,
    };
  }
  if (disk.syncsAlways) {
    return { name: "sync", level: "ok", message: "every write is on the disk before it is acknowledged" };
  }
  const message = `synced every ${
    formatDuration(disk.syncIntervalMs)
  }: a power cut can lose what was acknowledged since`;
  return { name: "sync", level: "warn", message, advice };
}

function streamFindings(streams: readonly StreamFacts[]): Finding[] {
  if (streams.length === 0) {
    return [{
      name: "streams",
      level: "unknown",
      message: "none of Weft's are there yet",
      advice: "weft serve makes them.",
    }];
  }
  return [...lackingFindings(streams), ...redundancyFindings(streams), streamSummary(streams)];
}

function lackingFindings(streams: readonly StreamFacts[]): Finding[] {
  return streams.filter((stream) => stream.replicasCurrent < stream.replicasWanted).map((stream) => ({
    name: "replicas",
    level: "warn" as const,
    message: `${stream.name}: ${stream.replicasCurrent} of ${stream.replicasWanted} replicas are there and up to date`,
    advice: "Bring the missing servers back before another one is lost.",
  }));
}

function redundancyFindings(streams: readonly StreamFacts[]): Finding[] {
  const single = streams.filter((stream) => stream.storage === "file" && stream.replicasWanted < 2);
  if (single.length === 0) return [];
  return [{
    name: "replicas",
    level: "warn",
    message: `${single.length} of ${streams.length} streams have one replica: with its disk, they are lost`,
    advice: "For production, run a cluster of three and weft serve --replicas 3.",
  }];
}

function streamSummary(streams: readonly StreamFacts[]): Finding {
  const bytes = streams.reduce((sum, stream) => sum + stream.byteCount, 0);
  const messages = streams.reduce((sum, stream) => sum + stream.messageCount, 0);
  return {
    name: "streams",
    level: "ok",
    message: `${streams.length} of Weft's, ${messages} messages, ${formatBytes(bytes)}`,
  };
}

function clockFinding({ clock }: NatsFacts): Finding {
  if (clock === undefined) {
    return { name: "clock", level: "unknown", message: "the server's clock can be seen once Weft's streams are there" };
  }
  const { offsetMs, uncertaintyMs } = clock;
  const off = Math.max(0, Math.abs(offsetMs) - uncertaintyMs);
  const side = offsetMs < 0 ? "behind" : "ahead of";
  const message = `the server is ${formatDuration(Math.abs(offsetMs))} ${side} this machine (± ${
    formatDuration(uncertaintyMs)
  })`;
  if (off <= CLOCK_OFFSET_MS_MAX) return { name: "clock", level: "ok", message };
  const level = off > CLOCK_OFFSET_MS_FATAL ? "fail" : "warn";
  return {
    name: "clock",
    level,
    message,
    advice: "Keep the clocks of all machines together, with chrony or systemd-timesyncd.",
  };
}

function roundTripFinding({ roundTripMs }: NatsFacts): Finding {
  const message = `answers after ${formatDuration(roundTripMs)}`;
  if (roundTripMs <= ROUND_TRIP_MS_MAX) return { name: "round trip", level: "ok", message };
  return {
    name: "round trip",
    level: "warn",
    message,
    advice: "Every write waits for it: run weft serve close to NATS.",
  };
}

function servicesFinding({ services }: NatsFacts): Finding {
  if (services.length > 0) {
    const names = services.map(({ name, version }) => `${name} ${version}`).sort();
    return { name: "weft", level: "ok", message: `answers: ${[...new Set(names)].join(", ")}` };
  }
  return {
    name: "weft",
    level: "unknown",
    message: "no Weft server answers on this NATS",
    advice: "weft serve starts one.",
  };
}
