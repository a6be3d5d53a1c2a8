/** The files of a project that `weft init` makes: a definition, its worker's handlers, a test, and a server to run them on. */

import { handlerTypes } from "../commands/types.ts";

/** What is filled in. */
export interface ProjectOptions {
  /** Of `package.json`: lower case, as npm wants it. */
  readonly name: string;
  /** Which Weft: what npm takes behind a dependency's name. */
  readonly weft: string;
}

const DEFINITION = `{
  "Comment": "Asks for a quote, and waits a little when the server is busy",
  "QueryLanguage": "JSONata",
  "StartAt": "AskQuote",
  "States": {
    "AskQuote": {
      "Type": "Task",
      "Resource": "ask-quote",
      "Arguments": { "item": "{% $states.input.item %}" },
      "Retry": [{ "ErrorEquals": ["Busy"], "IntervalSeconds": 5, "MaxAttempts": 3 }],
      "Assign": { "cents": "{% $states.result.cents %}" },
      "Next": "IsCheap"
    },
    "IsCheap": {
      "Type": "Choice",
      "Choices": [{ "Condition": "{% $cents <= 5000 %}", "Next": "Order" }],
      "Default": "TooDear"
    },
    "Order": {
      "Type": "Task",
      "Resource": "order",
      "Arguments": { "item": "{% $states.context.Execution.Input.item %}", "cents": "{% $cents %}" },
      "End": true
    },
    "TooDear": { "Type": "Fail", "Error": "TooDear", "Cause": "{% 'It costs ' & $string($cents) & ' cents' %}" }
  }
}
`;

const HANDLERS =
  `/** What the Task states of quote.asl.json do, by their Resource. Run by \`weft run --handlers\` and by \`weft worker --module\`. */
import { TaskFailure } from "@weft-dev/weft/worker";
import type { Handlers } from "./quote.asl.d.ts";

export const handlers: Handlers = {
  "ask-quote": (input) => {
    const { item } = input as { readonly item: string };
    if (item === "") throw new TaskFailure("NoItem", "An item has a name");
    return { item, cents: item.length * 500 };
  },
  order: (input, task) => {
    const { item, cents } = input as { readonly item: string; readonly cents: number };
    // The same task may come twice, after a crash: its taskId stays, so whoever is ordered from knows the repeat.
    return { ordered: item, cents, number: task.taskId.slice(-6) };
  },
};
`;

const TEST = `import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testMachine } from "@weft-dev/weft/testing";

const machine = testMachine(readFileSync(join(import.meta.dirname, "quote.asl.json"), "utf8"));

test("a cheap item is ordered, also when the server is busy at first", async () => {
  let calls = 0;
  const run = await machine.run({ item: "pen" }, {
    mocks: {
      "ask-quote": () => {
        if (++calls < 3) throw Object.assign(new Error("later"), { error: "Busy" });
        return { cents: 120 };
      },
      order: (input) => input,
    },
  });
  deepStrictEqual(run.output, { item: "pen", cents: 120 });
  deepStrictEqual(run.states.map(({ name }) => name), ["AskQuote", "IsCheap", "Order"]);
  strictEqual(calls, 3);
});

test("a dear one is not", async () => {
  const run = await machine.run({ item: "piano" }, { mocks: { "ask-quote": () => ({ cents: 900_000 }), order: () => null } });
  deepStrictEqual([run.status, run.error, run.cause], ["Failed", "TooDear", "It costs 900000 cents"]);
});
`;

/** A missing handler does not compile: `npx tsc` with TypeScript 5.8 or later. */
const COMPILER = {
  compilerOptions: {
    strict: true,
    module: "nodenext",
    noEmit: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
  },
  include: ["handlers.ts"],
};

const COMPOSE = `# NATS with every write on its disk before it acknowledges it. Needs Compose 2.23.1 or later.
#
#   docker compose up -d
services:
  nats:
    image: nats:2.15.1-alpine
    command: ["--config", "/etc/nats/weft.conf"]
    configs:
      - source: nats
        target: /etc/nats/weft.conf
    volumes:
      - nats:/data
    ports:
      - "127.0.0.1:4222:4222"
    restart: unless-stopped

configs:
  nats:
    content: |
      port: 4222
      jetstream {
        store_dir: /data
        sync_interval: always
      }

volumes:
  nats:
`;

/** Paths and texts, in the order in which they are read. */
export function projectFiles({ name, weft }: ProjectOptions): ReadonlyMap<string, string> {
  const manifest = {
    name,
    private: true,
    type: "module",
    scripts: {
      start: 'weft run quote.asl.json --input \'{"item": "pen"}\' --handlers handlers.ts --steps',
      test: "node --test",
      types: "weft types quote.asl.json",
      dev: "weft dev --store .weft --handlers handlers.ts",
      serve: "weft serve --store .weft/node",
      worker: "weft worker --resource ask-quote --module handlers.ts",
    },
    dependencies: { "@weft-dev/weft": weft },
    engines: { node: ">=22.19.0" },
  };
  return new Map([
    ["package.json", `${JSON.stringify(manifest, undefined, 2)}\n`],
    ["quote.asl.json", DEFINITION],
    ["quote.asl.d.ts", handlerTypes(JSON.parse(DEFINITION))],
    ["handlers.ts", HANDLERS],
    ["quote_test.ts", TEST],
    ["tsconfig.json", `${JSON.stringify(COMPILER, undefined, 2)}\n`],
    ["compose.yaml", COMPOSE],
    [".gitignore", "node_modules/\n.weft/\n"],
  ]);
}
