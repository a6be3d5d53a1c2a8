/** The documents of the first workers in other languages: the programs that they show are those that a test runs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../test_run.ts";

/** One language. */
interface FirstWorker {
  readonly language: string;
  readonly needs: string;
  /** How it is run, from the project's root. */
  readonly command: string;
  /** What a block of it is marked with, and what the program is. */
  readonly mark: string;
  readonly file: string;
  readonly remarks: string;
}

const WORKERS = "examples/workers";

const python: FirstWorker = {
  language: "Python",
  needs: "Python 3.9 or later, and no library: the NATS protocol is lines of text over a socket",
  command: "NATS_URL=nats://127.0.0.1:4222 python3 examples/workers/python/worker.py",
  mark: "python",
  file: `${WORKERS}/python/worker.py`,
  remarks:
    `What speaks to the server, 100 lines, is [nats_text.py](../${WORKERS}/python/nats_text.py). In production let a client library do that: it reconnects, does TLS and credentials, and knows clusters. What the worker
asks (\`$JS.API.CONSUMER.…\`, \`weft.api.…\`) and when it acknowledges stays as it is here.`,
};

const go: FirstWorker = {
  language: "Go",
  needs:
    "Go with the client [nats.go](https://github.com/nats-io/nats.go): of Debian `golang-go` and `golang-github-nats-io-go-nats-dev`, or as a module",
  command: "NATS_URL=nats://127.0.0.1:4222 go run examples/workers/go/worker.go",
  mark: "go",
  file: `${WORKERS}/go/worker.go`,
  remarks: "The client reconnects by itself; where the server's memory was lost, the consumer is made again.",
};

/** Paths from the root and texts. */
export function firstWorkerDocuments(): readonly { readonly path: string; readonly text: string }[] {
  return [python, go].map((worker) => ({
    path: `docs/first_worker_${worker.language.toLowerCase()}.md`,
    text: textOf(worker),
  }));
}

function textOf({ language, needs, command, mark, file, remarks }: FirstWorker): string {
  return `# A first worker in ${language}

<!-- Made by \`npm run docs\` from ${file} and scripts/documents/first_workers.ts: change those, not this. -->

A worker is any program with a connection to NATS: it pulls tasks from a stream, does them, and tells the engine. All of what is spoken is in [protocol.md](protocol.md#workers); this page is
one that works, with nothing left out that a worker owes: it extends its lease, knows refusals that mean "it is over", asks again while the engine restarts, and acknowledges last.
It needs ${needs}.

The workflow, [greet.asl.json](../${WORKERS}/greet.asl.json), has one task of the resource \`greet\`, and catches the worker's error \`NoName\`:

\`\`\`json
${fileText(`${WORKERS}/greet.asl.json`)}\`\`\`

In a checkout, with a nats-server that has JetStream; each line that goes on wants a terminal of its own:

\`\`\`sh
weft serve --nats nats://127.0.0.1:4222
weft workflows put greet ${WORKERS}/greet.asl.json
${command}
weft start greet --input '{"name": "Ada"}' --wait
weft start greet --wait
\`\`\`

The fourth line prints \`{"greeting":"Hello, Ada"}\`, the last \`"Nobody was greeted"\`. Start a second worker: the two share the tasks. Kill one with \`kill -9\` while it works: the other gets the task 30 seconds
later, under the same \`taskId\`.

\`\`\`${mark}
${fileText(file)}\`\`\`

${remarks}

For a command line that takes its input on stdin there is no need for any of this: \`weft worker --resource greet --exec '…'\` ([worker](cli.md#worker)).
`;
}

function fileText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
