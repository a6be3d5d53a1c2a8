/** The documents of the errors: a page for each, and a list of all. */
import { commandCodes, incidents, startFailures } from "./errors/operation.ts";
import type { ErrorPage } from "./errors/page.ts";
import { clientCodes, refusals } from "./errors/refusals.ts";
import { statesErrors, weftErrors } from "./errors/task_errors.ts";

/** Errors of one kind. */
interface Chapter {
  readonly title: string;
  /** What a page says of where the error is met; Markdown, links from `docs/errors/`. */
  readonly met: string;
  readonly pages: Readonly<Record<string, ErrorPage>>;
}

const chapters: readonly Chapter[] = [
  {
    title: "Refused requests",
    met:
      "On NATS it stands in `error.code` of the reply's body ([protocol](../protocol.md#refusals)), in TypeScript in `WeftError.code`, and the command line prints it, with `--json` as JSON. " +
      'Nothing was written, unless the refusal says that the outcome is unknown (`"outcome": "unknown"`, `WeftError.isOutcomeUnknown`).',
    pages: refusals,
  },
  {
    title: "Incidents that stop a partition",
    met:
      "A partition that cannot trust or understand what it has kept stops: requests to it are refused with [Unavailable](Unavailable.md), and its incident is in the engine's log and in the refusals. " +
      "The other partitions go on. Nothing is overwritten or dropped, so the way out is always to give the partition back what it had.",
    pages: incidents,
  },
  {
    title: "Failures that keep a server from starting",
    met:
      "Each log stream says in its metadata which cluster it is of, with how many partitions, and which token secret (its SHA-256). `weft serve` holds the settings in the bucket `WEFT_SNAPSHOTS` against it before anything is written.",
    pages: startFailures,
  },
  { title: "What only clients say", met: "It stands in `WeftError.code`: no server has said it.", pages: clientCodes },
  {
    title: "What only the command line says",
    met: "With `--json` it stands in `error.code` on stderr ([cli](../cli.md#errors)).",
    pages: commandCodes,
  },
  {
    title: "Errors of executions: the language's",
    met: "It is data: `Retry` and `Catch` see it by this name, and then whoever reads the execution.",
    pages: statesErrors,
  },
  {
    title: "Errors of executions: Weft's own",
    met: "It is data: `Retry` and `Catch` see it by this name, and then whoever reads the execution.",
    pages: weftErrors,
  },
];

const MADE = "<!-- Made by `npm run docs` from scripts/documents/errors/: change those, not this. -->";

/** Paths from the root and texts: `docs/errors.md`, and a page each. */
export function errorDocuments(): readonly { readonly path: string; readonly text: string }[] {
  const pages = chapters.flatMap((chapter) =>
    Object.entries(chapter.pages).map(([code, page]) => ({
      path: `docs/errors/${code}.md`,
      text: pageText(code, page, chapter),
    }))
  );
  return [{ path: "docs/errors.md", text: listText() }, ...pages];
}

function pageText(code: string, { meaning, cause, remedy }: ErrorPage, { title, met }: Chapter): string {
  return `# ${code}

${MADE}

- **Meaning:** ${meaning}
- **Likely cause:** ${cause}
- **What to do:** ${remedy}

${met}

[All errors](../errors.md): ${title.toLowerCase()}
`;
}

function listText(): string {
  const tables = chapters.map(({ title, pages }) => {
    const rows = Object.entries(pages).map(([code, { meaning }]) =>
      `| [${code}](errors/${code}.md) | ${
        meaning.replaceAll(/\]\(([A-Z])/g, "](errors/$1").replaceAll("](../", "](").replaceAll("|", "\\|")
      } |\n`
    );
    return `## ${title}\n\n| error | |\n|---|---|\n${rows.join("")}`;
  });
  return `# Errors

${MADE}

Two kinds that must not be confused. A **refusal** is the answer to a request that came to nothing. The **error of an
execution** (\`States.Timeout\`, \`CardDeclined\`) is data: its \`Retry\` and \`Catch\` see it, and then whoever reads the execution. Each name has a page: what it means, why it
comes, what to do.

Errors of services are named as AWS names them (\`Lambda.TooManyRequestsException\`, \`DynamoDB.ConditionalCheckFailedException\`, \`StepFunctions.…\`): [integrations.md](integrations.md) says how. The AWS
API refuses with AWS's own names ([aws.md](aws.md)).

${tables.join("\n")}`;
}
