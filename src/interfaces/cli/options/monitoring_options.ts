/** The options of servers that say how they are looked after. */
import { type Command, Option } from "commander";
import { type LogFormat, logFormats } from "../../../telemetry/mod.ts";
import { present } from "../../../values/mod.ts";
import type { MonitoringOptions } from "../homes.ts";
import type { CliIo } from "../io.ts";
import { usageFailure } from "../output/failure.ts";
import { nonEmpty } from "./option_values.ts";
import { otlpOf } from "./otlp_options.ts";

/** Flags of servers. */
export interface MonitoringFlags {
  readonly logFormat?: LogFormat;
  readonly metrics?: string;
}

const PORT_MAX = 65_535;

/** Adds how log lines look. */
export function withLogFormat(command: Command): Command {
  return command.addOption(
    new Option("--log-format <format>", "how log lines on stderr look (env WEFT_LOG_FORMAT; default pretty)")
      .choices([...logFormats]),
  );
}

/** Adds a port for health and metrics, for servers that have none otherwise. */
export function withMetricsPort(command: Command): Command {
  return command.option(
    "--metrics <host:port>",
    "serve /healthz, /readyz and /metrics here as well, and nothing else; port 0 takes a free one (env WEFT_METRICS)",
  );
}

/** How a server is looked after, from flags and environment. @throws {CliFailure} something is none of what it can be */
export function monitoringOf(io: CliIo, flags: MonitoringFlags): MonitoringOptions {
  const { env } = io;
  const format = flags.logFormat ?? nonEmpty(env["WEFT_LOG_FORMAT"]);
  const logFormat = logFormats.find((known) => known === format);
  if (format !== undefined && logFormat === undefined) {
    throw usageFailure(`Expected WEFT_LOG_FORMAT to be ${logFormats.join(" or ")}, but it is "${format}"`);
  }
  const place = nonEmpty(flags.metrics) ?? nonEmpty(env["WEFT_METRICS"]);
  return present({ logFormat, metrics: place === undefined ? undefined : placeOf(place), otlp: otlpOf(io) });
}

/** `127.0.0.1:9464`, `[::1]:9464`, or a port alone on the loopback interface. */
function placeOf(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits = ""] = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > PORT_MAX) {
    throw usageFailure(`Expected --metrics to be HOST:PORT, but it is "${text}"`);
  }
  return { host: bracketed ?? plain ?? "127.0.0.1", port };
}
