/** One thing that was looked at, judged. */
export interface Finding {
  readonly name: string;
  /** `fail`: Weft does not work, or what it acknowledged can be lost. `unknown`: could not be seen. */
  readonly level: "ok" | "warn" | "fail" | "unknown";
  readonly message: string;
  /** What to do. */
  readonly advice?: string;
}
