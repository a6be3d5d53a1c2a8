/** The document of the limits: a row for each, as the table of `src/values/limits.ts` says. */
import { limitVariable } from "../../src/interfaces/cli/options/limit_options.ts";
import { limitNames, limitSettings } from "../../src/values/mod.ts";

const INTRODUCTION = `# Limits

<!-- Made by \`npm run docs\` from src/values/limits.ts: change that, not this. -->

Everything has a limit, and each is a setting of the home that runs the engine: \`weft serve\`, \`weft dev\` and \`weft run\` take
\`--limit payloadBytesMax=65536\` as often as needed, and else the variables of the environment below; \`Executor\` takes \`{ limits }\`. AWS's figures are
the defaults. Give every node of a cluster the same. Where the default is the most, more would not fit into the log.

Values are whole numbers. What does not fit together is refused when the home is opened: \`payloadBytesMax\` ≤ \`turnBytesMax\` ≤ \`batchBytesMax\`, and
\`redrivableDays\` within \`retentionSeconds\` (it follows a shorter retention by itself).

Ended executions are kept for \`retentionSeconds\`, unless a rule says otherwise: \`weft serve --retention Failed=180d --retention 'orders:*=7d' --retention
orders:Failed=30d\`, or \`WEFT_RETENTION='Failed=180d,orders:*=7d'\`. A rule is \`[workflow:]status=time\`, its status \`Succeeded\`, \`Failed\` (what has
timed out, too), \`Canceled\` or \`*\`, its time in seconds, or with \`s\`, \`m\`, \`h\` or \`d\`. The rule that says most counts: workflow and status, then
workflow, then status. A sweep each minute deletes what is due. Its turns are in the log until that is trimmed, \`logSeconds\` (or \`retentionSeconds\`, where that is
less) after they were written. What is kept longer than the shortest of these times is looked at by each sweep.

| limit | default | from | to | what |
|---|---|---|---|---|
`;

/** The text of `docs/limits.md`. */
export function limitsDocument(): string {
  const rows = limitNames.map((name) => {
    const { default: value, min, max, what } = limitSettings[name];
    const figures = [value, min, max].map((figure) => figure.toLocaleString("en"));
    return `| \`${name}\`<br>\`${limitVariable(name)}\` | ${figures.join(" | ")} | ${what} |\n`;
  });
  return `${INTRODUCTION}${rows.join("")}`;
}
