/** Where a server sends metrics and traces: OpenTelemetry's own variables, as every collector's manual has them. */
import { type OtlpProtocol, otlpProtocols, type OtlpSettings } from "../../../telemetry/mod.ts";
import { present } from "../../../values/mod.ts";
import type { CliIo } from "../io.ts";
import { usageFailure } from "../output/failure.ts";
import { nonEmpty } from "./option_values.ts";

const METRICS_EVERY_MS = 60_000;
const METRICS_EVERY_MS_MIN = 1_000;
const METRICS_EVERY_MS_MAX = 86_400_000;

/** The settings; absent: nothing is exported. @throws {CliFailure} a variable is none of what it can be; values are not shown, for they may be secret */
export function otlpOf({ env }: Pick<CliIo, "env">): OtlpSettings | undefined {
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return undefined;
  const base = addressOf("OTEL_EXPORTER_OTLP_ENDPOINT", env["OTEL_EXPORTER_OTLP_ENDPOINT"]);
  const traces = addressOf("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]);
  const metrics = addressOf("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", env["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"]);
  const tracesUrl = isOff(env["OTEL_TRACES_EXPORTER"]) ? undefined : traces ?? below(base, "traces");
  const metricsUrl = isOff(env["OTEL_METRICS_EXPORTER"]) ? undefined : metrics ?? below(base, "metrics");
  if (tracesUrl === undefined && metricsUrl === undefined) return undefined;
  return {
    ...present({
      tracesUrl: tracesUrl?.href,
      metricsUrl: metricsUrl?.href,
      serviceName: nonEmpty(env["OTEL_SERVICE_NAME"]),
    }),
    headers: pairsOf("OTEL_EXPORTER_OTLP_HEADERS", env["OTEL_EXPORTER_OTLP_HEADERS"]),
    attributes: pairsOf("OTEL_RESOURCE_ATTRIBUTES", env["OTEL_RESOURCE_ATTRIBUTES"]),
    protocol: protocolOf(env["OTEL_EXPORTER_OTLP_PROTOCOL"]),
    metricsEveryMs: pauseOf(env["OTEL_METRIC_EXPORT_INTERVAL"]),
  };
}

function isOff(exporter: string | undefined): boolean {
  return exporter?.trim().toLowerCase() === "none";
}

function addressOf(variable: string, text = ""): URL | undefined {
  if (text === "") return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw usageFailure(`Expected ${variable} to be an http or https URL`);
}

function below(base: URL | undefined, signal: string): URL | undefined {
  if (base === undefined) return undefined;
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/$/, "")}/v1/${signal}`;
  return url;
}

/** `name=value,name=value`, percent-encoded. */
function pairsOf(variable: string, text = ""): Readonly<Record<string, string>> {
  const pairs = text.split(",").filter((pair) => pair.trim() !== "");
  return Object.fromEntries(pairs.map((pair) => {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, at)).trim();
    if (name === "") throw usageFailure(`Expected ${variable} to be pairs such as "name=value,other=value"`);
    try {
      return [decodeURIComponent(name), decodeURIComponent(pair.slice(at + 1).trim())];
    } catch {
      throw usageFailure(`Expected ${variable} to be percent-encoded, but "${name}" is not`);
    }
  }));
}

function protocolOf(text = ""): OtlpProtocol {
  if (text === "") return "http/protobuf";
  const found = otlpProtocols.find((known) => known === text);
  if (found !== undefined) return found;
  throw usageFailure(`Expected OTEL_EXPORTER_OTLP_PROTOCOL to be ${otlpProtocols.join(" or ")}, but it is "${text}"`);
}

function pauseOf(text = ""): number {
  if (text === "") return METRICS_EVERY_MS;
  const ms = Number(text);
  if (/^\d+$/.test(text) && ms >= METRICS_EVERY_MS_MIN && ms <= METRICS_EVERY_MS_MAX) return ms;
  throw usageFailure(
    `Expected OTEL_METRIC_EXPORT_INTERVAL to be whole milliseconds from ${METRICS_EVERY_MS_MIN} to ${METRICS_EVERY_MS_MAX}`,
  );
}
