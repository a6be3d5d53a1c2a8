import { after, test, type TestContext } from "node:test";
import { Effect } from "effect";
import { type Home, openEmbeddedHome, openNatsHome } from "../../../src/homes/mod.ts";
import type { IntegrationSettings } from "../../../src/integrations/mod.ts";
import type { ExecutionDescription } from "../../../src/runtime/mod.ts";
import type { Json, Space } from "../../../src/values/mod.ts";
import { type NatsServer, startNatsServer } from "../nats_server.ts";

let spaces = 0;

/** A space that no other test of this process has: the account and region of a machine's ARN. */
function newSpace(): Space {
  return { tenant: String(100_000_000_000 + spaces++), namespace: "us-east-1" };
}

/** A home under test, and short ways to use it. */
export interface UnderTest {
  readonly home: Home;
  /** Of all its executions here. */
  readonly space: Space;
  /** Puts and starts a machine. */
  start(definition: Json, input?: Json, name?: string): Promise<string>;
  ended(executionId: string): Promise<ExecutionDescription>;
  /** Starts a machine of one Task state with these fields, and gives its end. */
  runTask(fields: Readonly<Record<string, Json>>, input?: Json): Promise<ExecutionDescription>;
}

/** Opens a home for the time of one test. */
export type OpenHome = (t: TestContext, settings?: HomeSettings) => Promise<UnderTest>;

/** What homes under test are opened with. */
export interface HomeSettings {
  readonly integrations?: IntegrationSettings;
  readonly timeScale?: number;
}

/** One machine, one Task state. */
export function taskMachine(fields: Readonly<Record<string, Json>>): Json {
  return { StartAt: "Do", States: { Do: { Type: "Task", End: true, ...fields } } };
}

let server: Promise<NatsServer> | undefined;
after(async () => await (await server)?.stop());

/** Declares a test; its name gets that of the home. */
export type DeclareTest = (name: string, run: (t: TestContext) => Promise<void> | void) => void;

/** Declares the same tests for the embedded home and for one on a real NATS server. No groups: Deno runs no clean-up of tests in them. */
export function onBothHomes(define: (open: OpenHome, test: DeclareTest) => void): void {
  define(
    async (t, settings) => underTest(t, await openEmbeddedHome({ partitions: 2, ...settings })),
    (name, run) => void test(`${name} (embedded)`, run),
  );
  define(
    async (t, settings) => {
      const { url } = await (server ??= startNatsServer());
      return underTest(t, await openNatsHome({ url, partitions: 2, version: "0.0.1", ...settings }));
    },
    (name, run) => void test(`${name} (on NATS)`, run),
  );
}

/**
 * A home and the short ways. It is closed after the test.
 *
 * @param first ends what needs the home to end in order, such as a worker
 */
export function underTest(t: TestContext, home: Home, first: () => Promise<void> = async () => {}): UnderTest {
  t.after(async () => {
    await first();
    await home.close();
  });
  const space = newSpace();
  const start = async (definition: Json, input: Json = {}, name = "machine") => {
    await Effect.runPromise(home.engine.putWorkflow({ ...space, name, definition }));
    return (await Effect.runPromise(home.engine.startExecution({ ...space, workflow: name, input }))).executionId;
  };
  const ended = (executionId: string) => Effect.runPromise(home.engine.awaitExecution({ ...space, executionId }));
  return {
    home,
    space,
    start,
    ended,
    runTask: async (fields, input) => await ended(await start(taskMachine(fields), input)),
  };
}

/** The first event of this type in an execution's history, once it is there. */
export async function seenEvent({ home, space }: Pick<UnderTest, "home" | "space">, executionId: string, type: string) {
  for (;;) {
    const told = Promise.withResolvers<void>();
    const off = home.onEvents((message) => {
      if (message.executionId === executionId) told.resolve();
    });
    const { events } = await Effect.runPromise(home.engine.executionHistory({ ...space, executionId }));
    const found = events.find((event) => event.type === type);
    if (found === undefined) await told.promise;
    off();
    if (found !== undefined) return found;
  }
}
