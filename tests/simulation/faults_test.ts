/** Goal: the simulator is not calm by mistake. Method: every fault that it is said to make is seen in the traces of a few seeds. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { simulate } from "./simulation.ts";

const SEEDS = { first: 101, count: 100 };
const steps = [
  "beforeLoad",
  "beforeDecide",
  "afterDecide",
  "beforeAppend",
  "afterAppend",
  "beforeRelease",
  "afterRelease",
  "beforeCheckpoint",
  "afterCheckpoint",
  "afterTransaction",
];

const faults: Readonly<Record<string, RegExp>> = {
  ...Object.fromEntries(steps.map((step) => [`death at ${step}`, new RegExp(`dies at ${step},`)])),
  "death at any moment": /dies at any moment/,
  "a stop in order": /is told to stop/,
  "a frozen node": /is frozen/,
  "a zombie": /node a goes on/,
  "a lost store": /loses the local store/,
  "a store that lost its tail": /loses [1-9]\d* transactions/,
  "an acknowledgement that is lost, or an entry": /log \d: no answer to "append to"/,
  "an entry that arrives too late": /comes too late/,
  "a conflict without a reason": /a conflict without a reason/,
  "a log that cannot be read": /log \d: no answer to "read"/,
  "a store that cannot be read": /store: no answer to "read"/,
  "a store that cannot be written": /store: no answer to "write"/,
  "a restart from a snapshot": /store: partition \d begins with \{"sequence":[1-9]\d*/,
  "a clock an hour ahead": /the clock jumps from \S+ to 3600000 /,
  "a clock an hour behind": /the clock jumps from \S+ to -3600000 /,
  "a defect": /A defect stopped a turn/,
  "a lost task stream": /the queue loses all/,
  "a lost task": /tasks: the message of \S+ is lost/,
  "a silent worker": /worker: falls silent/,
  "a second completion": /client: complete \S+ → InvalidStatus/,
  "a request without an answer": /client: start .* → no answer/,
  "a delayed start": /"status":"Pending"/,
  "a key that is taken": /client: start .* → AlreadyExists/,
  "a cancelation": /client: cancel .*"status":"(Canceled|Canceling)"/,
  "a deletion": /client: delete .*"status":"Deleting"/,
};

test("every fault happens within a few seeds", () => {
  const unseen = new Map(Object.entries(faults));
  for (let seed = SEEDS.first; seed < SEEDS.first + SEEDS.count && unseen.size > 0; seed++) {
    const { trace } = simulate({ seed, isTracing: true });
    for (const line of trace) for (const [name, pattern] of unseen) if (pattern.test(line)) unseen.delete(name);
  }
  deepStrictEqual([...unseen.keys()], []);
});
