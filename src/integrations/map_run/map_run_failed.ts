import { Effect } from "effect";

/** Ends a Map Run with an error that the Map's `Retry` and `Catch` see. */
export class MapRunFailed extends Error {
  readonly _tag = "MapRunFailed";
  override readonly name = "MapRunFailed";
  /** `States.…`. */
  readonly error: string;
  override readonly cause: string;

  constructor(error: string, cause: string) {
    super(`${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
  }
}

/** The items cannot be read. */
export const readerFailed = (cause: string): MapRunFailed => new MapRunFailed("States.ItemReaderFailed", cause);
/** The results cannot be written. */
export const writerFailed = (cause: string): MapRunFailed => new MapRunFailed("States.ResultWriterFailed", cause);

/** What readers threw: anything else than how a Map Run fails is a defect. */
export function failedOrDefect(thrown: unknown): Effect.Effect<never, MapRunFailed> {
  return thrown instanceof MapRunFailed ? Effect.fail(thrown) : Effect.die(thrown);
}
