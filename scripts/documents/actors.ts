/** The document of the actors' statuses: a diagram and a table for each machine, as the machine's definition says. */
import type { AnyStateMachine } from "xstate";
import { activityMachine } from "../../actors/activity/activity_machine.ts";
import { childMachine } from "../../actors/child/child_machine.ts";
import { executionMachine } from "../../actors/execution/execution_machine.ts";
import { taskMachine } from "../../actors/task/task_machine.ts";

interface Chapter {
  readonly title: string;
  readonly machine: AnyStateMachine;
  /** Its file, from `docs/`. */
  readonly file: string;
}

const chapters: readonly Chapter[] = [
  { title: "Execution", machine: executionMachine, file: "../actors/execution/execution_machine.ts" },
  { title: "Activity", machine: activityMachine, file: "../actors/activity/activity_machine.ts" },
  { title: "Branch and iteration", machine: childMachine, file: "../actors/child/child_machine.ts" },
  { title: "Task", machine: taskMachine, file: "../actors/task/task_machine.ts" },
];

const INTRODUCTION = `# The actors' statuses

<!-- Made by \`npm run docs\` from the machines: change those, not this. -->

Each actor is an XState machine that applies events ([architecture.md](architecture.md#actors)). A label is an event's name without
\`Event\`; in brackets stands the \`status\` with which the event must come. What is not drawn cannot happen: a command that would lead to it is
rejected with \`InvalidStatus\`, and a log that holds it is not believed. Before its first event an actor is \`Absent\`: in the diagrams that
is the black dot.
`;

/** The text of `docs/actors.md`. */
export function actorsDocument(): string {
  return [INTRODUCTION, ...chapters.map(chapterText)].join("\n");
}

function chapterText({ title, machine, file }: Chapter): string {
  return `## ${title}

From [\`${file.replace("../", "")}\`](${file}).

\`\`\`mermaid
stateDiagram-v2
${arrowsOf(machine).map((arrow) => `  ${arrow}`).join("\n")}
\`\`\`

| status | takes |
|---|---|
${Object.entries(machine.definition.states).map(([status, { on }]) => statusRow(status, Object.keys(on))).join("\n")}
`;
}

function arrowsOf(machine: AnyStateMachine): readonly string[] {
  const arrows = new Map<string, string[]>();
  for (const [status, { type, transitions }] of Object.entries(machine.definition.states)) {
    for (const { eventType, guard, target } of transitions) {
      const to = target?.[0]?.key;
      if (to === undefined) continue;
      const arrow = `${status === "Absent" ? "[*]" : status} --> ${to}`;
      const label = `${eventName(eventType)}${guardText(guard)}`;
      const labels = arrows.get(arrow);
      if (labels === undefined) arrows.set(arrow, [label]);
      else labels.push(label);
    }
    if (type === "final") arrows.set(`${status} --> [*]`, []);
  }
  return [...arrows].map(([arrow, labels]) => labels.length === 0 ? arrow : `${arrow}: ${labels.join(", ")}`);
}

function guardText(guard: unknown): string {
  const params = typeof guard === "object" && guard !== null && "params" in guard ? guard.params : undefined;
  return typeof params === "object" && params !== null && "status" in params ? ` [${params.status}]` : "";
}

function statusRow(status: string, types: readonly string[]): string {
  return `| ${status} | ${
    types.length === 0 ? "nothing: it is over" : types.map((type) => `\`${type}\``).join(", ")
  } |`;
}

function eventName(type: string): string {
  return type.replace(/Event$/, "");
}
