/** The file of the cluster's root key: read once, when a home is opened. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Effect, Schema } from "effect";
import { RootKey } from "../access/mod.ts";

/** There is no key in the file, or it cannot be read or written. */
export class KeyFileUnusable extends Schema.TaggedError<KeyFileUnusable>()("KeyFileUnusable", {
  file: Schema.String,
  reason: Schema.String,
}) {
  override get message(): string {
    return `Cannot use "${this.file}" as a key file: ${this.reason}`;
  }
}

/** Where an embedded home looks for its key if nobody says: beside what it keeps. */
export function defaultKeyFile(store: string): string {
  return join(store, "cluster.key");
}

/** The key in a file. */
export function readKeyFile(file: string): Effect.Effect<RootKey, KeyFileUnusable> {
  return Effect.flatMap(
    Effect.tryPromise({ try: () => readFile(file, "utf8"), catch: (cause) => unusable(file, cause) }),
    (text) => {
      const key = RootKey.parse(text);
      return key === undefined
        ? Effect.fail(
          new KeyFileUnusable({ file, reason: "expected 32 bytes as base64: `weft keys init` makes such a file" }),
        )
        : Effect.succeed(key);
    },
  );
}

/** The key of a home: from the file that was named, else from the one beside its store, if that is there. */
export function rootKeyOf(
  keyFile: string | undefined,
  store: string | undefined,
): Effect.Effect<RootKey | undefined, KeyFileUnusable> {
  if (keyFile !== undefined) return readKeyFile(keyFile);
  if (store === undefined) return Effect.succeed(undefined);
  const file = defaultKeyFile(store);
  return Effect.tryPromise({ try: () => readFile(file), catch: (cause) => cause }).pipe(
    Effect.matchEffect({
      onSuccess: () => readKeyFile(file),
      onFailure: (cause) => isMissing(cause) ? Effect.succeed(undefined) : Effect.fail(unusable(file, cause)),
    }),
  );
}

/** Makes a file with a new key that its owner alone can read. A file that is there is left as it is, and refused. */
export function makeKeyFile(file: string): Effect.Effect<void, KeyFileUnusable> {
  return Effect.tryPromise({
    try: async () => {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${RootKey.make()}\n`, { mode: 0o600, flag: "wx" });
      await chmod(file, 0o600);
    },
    catch: (cause) => unusable(file, cause),
  });
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

function unusable(file: string, cause: unknown): KeyFileUnusable {
  return new KeyFileUnusable({ file, reason: cause instanceof Error ? cause.message : String(cause) });
}
