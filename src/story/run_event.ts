/** Any JSON. */
export type RunJson = null | boolean | number | string | readonly RunJson[] | { readonly [key: string]: RunJson };

/** One event of a history, more fields by type: see `docs/protocol.md`. Without payloads where many are told. */
export interface RunEvent {
  /** 1-based, without gaps. */
  readonly id: number;
  readonly type: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly [field: string]: RunJson;
}

/** A field that is a string. */
export function textOf(event: RunEvent, name: string): string | undefined {
  const found = event[name];
  return typeof found === "string" ? found : undefined;
}

/** A field that is a number. */
export function numberOf(event: RunEvent, name: string): number | undefined {
  const found = event[name];
  return typeof found === "number" ? found : undefined;
}
