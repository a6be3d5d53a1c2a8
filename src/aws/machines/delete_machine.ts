import { Effect } from "effect";
import { type AwsAnswer, ifThere } from "../answers.ts";
import { type AwsCaller, spaceOf } from "../aws_caller.ts";
import type { Machine } from "./find_machine.ts";
import { machineKinds } from "./machine_record.ts";
import { present } from "../../values/mod.ts";

/** Error of executions whose machine was deleted. */
const MACHINE_DELETED = "States.Runtime";

/**
 * Deletes a machine with its versions and aliases, and aborts what still runs. The workflow goes last but for the executions: until then
 * the same call can be repeated.
 */
export function deleteMachine(call: AwsCaller, machine: Machine): AwsAnswer<void> {
  return Effect.gen(function* () {
    const space = spaceOf(machine.scope);
    const { registry, engine } = call;
    for (const kind of [machineKinds.alias, machineKinds.version]) {
      for (const { names } of yield* registry.listResources({ ...space, kind, names: [machine.name] })) {
        yield* ifThere(registry.deleteResource({ ...space, kind, names }));
      }
    }
    yield* ifThere(registry.deleteResource({ ...space, kind: machineKinds.machine, names: [machine.name] }));
    yield* ifThere(engine.deleteWorkflow({ ...space, name: machine.name }));
    yield* abortRunning(call, machine);
  });
}

function abortRunning({ engine }: AwsCaller, machine: Machine): AwsAnswer<void> {
  return Effect.gen(function* () {
    const space = spaceOf(machine.scope);
    let next: string | undefined;
    do {
      const page = yield* engine.listExecutions({
        ...space,
        workflow: machine.name,
        status: "Running",
        limit: 1_000,
        ...present({ next }),
      });
      for (const { executionId } of page.executions) {
        const why = { error: MACHINE_DELETED, cause: "The state machine was deleted" };
        yield* Effect.ignore(engine.cancelExecution({ ...space, executionId, ...why }));
      }
      next = page.next;
    } while (next !== undefined);
  });
}
