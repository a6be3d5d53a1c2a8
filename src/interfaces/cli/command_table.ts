/**
 * Every command as the list of commands shows it, and where its options and its work are: a module that is loaded when the command is asked for.
 *
 * So `weft --help` reads this file alone, and `weft validate` neither the engine nor NATS. `tests/unit/interfaces/cli/command_table_test.ts` holds that a line
 * here says what its command says.
 */
import type { Command } from "commander";
import type { CommandScope } from "./command_scope.ts";

/** One command of `weft`. */
export interface CommandEntry {
  readonly name: string;
  /** Its arguments as help shows them; `…` where it has commands of its own. */
  readonly usage: string;
  readonly summary: string;
  /** Adds it to the program, with its options. */
  readonly add: (program: Command, scope: CommandScope) => Promise<void>;
}

/** Commands below one heading. */
export interface CommandGroup {
  readonly heading: string;
  readonly commands: readonly CommandEntry[];
}

/** In the order of help. */
export const commandGroups: readonly CommandGroup[] = [
  {
    heading: "Run here:",
    commands: [
      {
        name: "init",
        usage: "[folder]",
        summary: "make a project: a definition, its handlers, a test, a compose file",
        add: async (program, scope) => (await import("./commands/init.ts")).addInitCommand(program, scope),
      },
      {
        name: "run",
        usage: "[definition]",
        summary: "run a definition here and now, and print its output",
        add: async (program, scope) => (await import("./commands/run.ts")).addRunCommand(program, scope),
      },
      {
        name: "validate",
        usage: "<files...>",
        summary: "check a definition and show every finding with line and column",
        add: async (program, scope) => (await import("./commands/validate.ts")).addValidateCommand(program, scope),
      },
      {
        name: "test-state",
        usage: "<definition>",
        summary: "try one state with an input, its work mocked or done",
        add: async (program, scope) => (await import("./commands/test_state.ts")).addTestStateCommand(program, scope),
      },
      {
        name: "schema",
        usage: "[options]",
        summary: "print a JSON Schema of definitions, for editors",
        add: async (program, scope) => (await import("./commands/schema.ts")).addSchemaCommand(program, scope),
      },
      {
        name: "types",
        usage: "<file>",
        summary: "write the types of the handlers that a definition asks for",
        add: async (program, scope) => (await import("./commands/types.ts")).addTypesCommand(program, scope),
      },
    ],
  },
  {
    heading: "Servers and workers:",
    commands: [
      {
        name: "serve",
        usage: "[options]",
        summary: "run the server on NATS JetStream",
        add: async (program, scope) => (await import("./commands/serve.ts")).addServeCommand(program, scope),
      },
      {
        name: "dev",
        usage: "[options]",
        summary: "run a server on this machine, with nothing else installed",
        add: async (program, scope) => (await import("./commands/serve.ts")).addDevCommand(program, scope),
      },
      {
        name: "worker",
        usage: "[options]",
        summary: "do the tasks of a resource, by a command or a module",
        add: async (program, scope) => (await import("./commands/worker.ts")).addWorkerCommand(program, scope),
      },
      {
        name: "doctor",
        usage: "[options]",
        summary: "check a NATS server, and say what to do",
        add: async (program, scope) => (await import("./commands/doctor.ts")).addDoctorCommand(program, scope),
      },
      {
        name: "nats-config",
        usage: "[options]",
        summary: "write accounts, users and permissions for nats-server",
        add: async (program, scope) => (await import("./commands/nats_config.ts")).addNatsConfigCommand(program, scope),
      },
      {
        name: "keys",
        usage: "…",
        summary: "make, list and revoke access keys",
        add: async (program, scope) => (await import("./commands/keys.ts")).addKeyCommands(program, scope),
      },
    ],
  },
  {
    heading: "Ask a server:",
    commands: [
      {
        name: "start",
        usage: "<workflow>",
        summary: "start an execution of a workflow on the server",
        add: async (program, scope) => (await import("./commands/start.ts")).addStartCommand(program, scope),
      },
      {
        name: "executions",
        usage: "…",
        summary: "list, describe, cancel, redrive and delete executions, read their history",
        add: async (program, scope) => (await import("./commands/executions.ts")).addExecutionCommands(program, scope),
      },
      {
        name: "redrive",
        usage: "<id>",
        summary: "let an execution that did not succeed go on from where it failed",
        add: async (program, scope) => (await import("./commands/executions.ts")).addRedriveCommand(program, scope),
      },
      {
        name: "workflows",
        usage: "…",
        summary: "put, list, describe and delete workflows",
        add: async (program, scope) => (await import("./commands/workflows.ts")).addWorkflowCommands(program, scope),
      },
      {
        name: "schedules",
        usage: "…",
        summary: "put, list, describe, pause, resume and delete schedules",
        add: async (program, scope) => (await import("./commands/schedules.ts")).addScheduleCommands(program, scope),
      },
      {
        name: "triggers",
        usage: "…",
        summary: "put, list, describe and delete triggers: a message starts an execution",
        add: async (program, scope) => (await import("./commands/triggers.ts")).addTriggerCommands(program, scope),
      },
      {
        name: "import",
        usage: "<template>",
        summary: "put the state machines of a CloudFormation template on a server",
        add: async (program, scope) => (await import("./commands/import.ts")).addImportCommand(program, scope),
      },
      {
        name: "monitor",
        usage: "[options]",
        summary: "watch executions live, or one as a timeline",
        add: async (program, scope) => (await import("./commands/monitor.ts")).addMonitorCommand(program, scope),
      },
    ],
  },
  {
    heading: "About:",
    commands: [
      {
        name: "version",
        usage: "[options]",
        summary: "print the version, and that of the runtime",
        add: async (program, scope) => (await import("./commands/version.ts")).addVersionCommand(program, scope),
      },
      {
        name: "completion",
        usage: "<shell>",
        summary: "print a shell's completion script: bash, zsh, fish or powershell",
        add: async (program, scope) => (await import("./commands/completion.ts")).addCompletion(program, scope),
      },
    ],
  },
];
