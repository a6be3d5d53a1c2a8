/** Judges a NATS server: facts in, findings with advice out. Pure. */
import { defaultLimits } from "../../../values/mod.ts";
import { engineFindings } from "./engine_findings.ts";
import { formatBytes, formatDuration } from "../output/duration.ts";
import type { Finding } from "./finding.ts";
import type { NatsFacts, StreamFacts } from "./nats_facts.ts";

/** Older servers ignore newer stream settings without a word. */
export const natsVersionMin = { major: 2, minor: 12 } as const;
const CLOCK_OFFSET_MS_MAX = 5_000;
const CLOCK_OFFSET_MS_FATAL = 60_000;
const ROUND_TRIP_MS_MAX = 50;
/** Room for a message's headers beside a batch. */
const HEADER_BYTES = 4_096;

/** Every finding, in the order in which to act on them. */
export function findings(facts: NatsFacts): Finding[] {
  return [...serverFindings(facts), ...engineFindings(facts)];
}

/** Why a server for production must not be started before this server, which would be one of several: what would fail, or is not known to be safe. */
export function hindrances(facts: NatsFacts): Finding[] {
  return serverFindings(facts).filter(({ name, level }) =>
    level === "fail" || (name === "sync" && level === "unknown")
  );
}

function serverFindings(facts: NatsFacts): Finding[] {
  return [
    serverFinding(facts),
    jetStreamFinding(facts),
    payloadFinding(facts),
    syncFinding(facts),
    ...streamFindings(facts.streams),
    clockFinding(facts),
    roundTripFinding(facts),
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
  return { name: "sync", level: "fail", message, advice };
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
  return [
    ...identityFindings(streams),
    ...settingsFindings(streams),
    ...lackingFindings(streams),
    ...redundancyFindings(streams),
    streamSummary(streams),
  ];
}

function lackingFindings(streams: readonly StreamFacts[]): Finding[] {
  return streams.filter((stream) => stream.replicasCurrent < stream.replicasWanted).map((stream) => {
    const hasMajority = 2 * stream.replicasCurrent > stream.replicasWanted;
    return {
      name: "replicas",
      level: hasMajority ? "warn" as const : "fail" as const,
      message:
        `${stream.name}: ${stream.replicasCurrent} of ${stream.replicasWanted} replicas are there and up to date` +
        (hasMajority ? "" : ", too few to write"),
      advice: "Bring the missing servers back before another one is lost.",
    };
  });
}

function redundancyFindings(streams: readonly StreamFacts[]): Finding[] {
  const single = streams.filter((stream) => stream.storage === "file" && stream.replicasWanted < 2);
  if (single.length === 0) return [];
  return [{
    name: "replicas",
    level: "fail",
    message: `${single.length} of ${streams.length} streams have one replica: with its disk, they are lost`,
    advice:
      "For production, run a cluster of three and weft serve --replicas 3; a copy by `nats stream backup` at least.",
  }];
}

function settingsFindings(streams: readonly StreamFacts[]): Finding[] {
  return streams.filter(({ unsafeSettings }) => unsafeSettings.length > 0).map(({ name, unsafeSettings }) => ({
    name: "settings",
    level: "fail" as const,
    message: `${name} is not as Weft makes it, and may lose what is in it: ${unsafeSettings.join("; ")}`,
    advice: `Set it as it was, with nats stream edit ${name}.`,
  }));
}

/** A log without its bucket, or with a hole: what is missing may not be made anew. */
function identityFindings(streams: readonly StreamFacts[]): Finding[] {
  const logs = streams.filter(({ name }) => name.startsWith("WEFT_LOG_"));
  if (logs.length === 0) return [];
  const found: Finding[] = [];
  if (!streams.some(({ name }) => name === "KV_WEFT_SNAPSHOTS")) {
    found.push({
      name: "identity",
      level: "fail",
      message: "the log is there, but the bucket WEFT_SNAPSHOTS with the cluster's settings is not",
      advice: "Restore it from a backup; engines that run make it again. See ClusterSettingsLost in docs/errors.md.",
    });
  }
  const count = Math.max(0, ...logs.map(({ partitionCount = 0 }) => partitionCount));
  const missing = Array.from({ length: count }, (_, partition) => `WEFT_LOG_${partition}`)
    .filter((name) => !logs.some((log) => log.name === name));
  if (missing.length > 0) {
    found.push({
      name: "identity",
      level: "fail",
      message: `of ${count} partitions' logs ${missing.length} are not there: ${missing.slice(0, 4).join(", ")}`,
      advice: "Restore them from a backup, together with the bucket WEFT_SNAPSHOTS.",
    });
  }
  return found;
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
