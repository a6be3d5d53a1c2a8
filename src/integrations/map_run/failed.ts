/** Ends a Map Run with an error that the Map's `Retry` and `Catch` see. */
export class MapRunFailed extends Error {
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
