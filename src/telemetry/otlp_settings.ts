/** What is exported by OTLP, and where to. */

/** All of {@link OtlpProtocol}. */
export const otlpProtocols = ["http/protobuf", "http/json"] as const;

/** How what is exported is written down. */
export type OtlpProtocol = (typeof otlpProtocols)[number];

/** Where metrics and traces go. */
export interface OtlpSettings {
  /** The whole address; absent: traces are not exported, and nothing is done for them. */
  readonly tracesUrl?: string;
  /** The whole address; absent: metrics are not exported. */
  readonly metricsUrl?: string;
  /** Go with each request; they may be secret, and are never logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: OtlpProtocol;
  /** Default: `weft`. */
  readonly serviceName?: string;
  /** Further attributes of the resource, such as `deployment.environment.name`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Pause between two exports of metrics, milliseconds. */
  readonly metricsEveryMs: number;
}

/** The exporters. Their modules are loaded only where something is exported. */
export function loadOtlp(): Promise<typeof import("./otlp.ts")> {
  return import("./otlp.ts");
}
