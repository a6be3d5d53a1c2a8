/** A client of an engine in this process: what `--store` asks. */
import { Effect } from "effect";
import type { Engine, RequestRefused } from "../../../runtime/engine.ts";
import type { Space } from "../../../values/mod.ts";
import type { ClientPort, EmbeddedHome } from "../homes.ts";
import { followFeed } from "./ordered_feed.ts";

/** Asks the home's engine for one space. Closing it closes the home. */
export function engineClient(home: EmbeddedHome, space: Space): ClientPort {
  const engine: Engine = home.engine;
  const ask = <T>(answer: Effect.Effect<T, RequestRefused>) => Effect.runPromise(answer);
  const of = <T extends object>(request: T) => ({ ...space, ...request });
  const executionHistory: ClientPort["executionHistory"] = (request) => ask(engine.executionHistory(of(request)));
  return {
    putWorkflow: (request) => ask(engine.putWorkflow(of(request))),
    describeWorkflow: (name) => ask(engine.describeWorkflow(of({ name }))),
    listWorkflows: (page) => ask(engine.listWorkflows(of(page))),
    deleteWorkflow: (name) => ask(engine.deleteWorkflow(of({ name }))),
    startExecution: (request) => ask(engine.startExecution(of(request))),
    awaitExecution: (executionId) => ask(engine.awaitExecution(of({ executionId }))),
    describeExecution: (executionId, options) => ask(engine.describeExecution(of({ executionId, ...options }))),
    executionHistory,
    listExecutions: (request) => ask(engine.listExecutions(of(request))),
    cancelExecution: (request) => ask(engine.cancelExecution(of(request))),
    redriveExecution: (executionId) => ask(engine.redriveExecution(of({ executionId }))),
    deleteExecution: (executionId) => ask(engine.deleteExecution(of({ executionId }))),
    subscribe: (executionId, listener) => {
      const listen = (hear: Parameters<typeof home.onEvents>[0]) =>
        Promise.resolve(home.onEvents((message) => {
          if (message.tenant === space.tenant && message.namespace === space.namespace) hear(message);
        }));
      return followFeed({ history: executionHistory, listen }, executionId, listener);
    },
    onConnection: () => () => {},
    close: () => home.close(),
  };
}
