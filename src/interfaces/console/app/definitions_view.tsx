/** State machines: a list, and of one of them text, graph, findings, versions, aliases and what its states do with an input. */
import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { WireJson } from "../wire.ts";
import { askAws, Refused, sentence } from "./api.ts";
import { statesOf } from "./graph_layout.ts";
import { GraphView } from "./graph_view.tsx";
import { Sure, Trouble } from "./parts.tsx";
import { Playground } from "./playground.tsx";
import { moment } from "./shown.ts";

interface Machine {
  readonly name: string;
  readonly stateMachineArn: string;
  readonly type: string;
  readonly creationDate: number;
}

interface Described extends Machine {
  readonly definition: string;
  readonly revisionId?: string;
  readonly roleArn: string;
}

/** A finding about a definition. */
interface Finding {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly location?: string;
}

/** All state machines. */
export function DefinitionsView() {
  const [machines, setMachines] = useState<readonly Machine[] | undefined>(undefined);
  const [trouble, setTrouble] = useState("");
  useEffect(() => void allMachines().then(setMachines, (failure) => setTrouble(sentence(failure))), []);
  return (
    <main>
      <h1>Definitions</h1>
      <Trouble text={trouble} />
      <p>
        <a class="button" href="#/definitions/+new">New…</a>
      </p>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Created</th>
            <th scope="col">
              <span class="unseen">Do</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {(machines ?? []).map(({ name, type, creationDate }) => (
            <tr key={name}>
              <td>
                <a href={`#/definitions/${encodeURIComponent(name)}`}>{name}</a>
              </td>
              <td>{type}</td>
              <td>{moment(creationDate * 1_000)}</td>
              <td>
                <a href={`#/executions?workflow=${encodeURIComponent(name)}`}>Executions</a>{" "}
                <a href={`#/start/${encodeURIComponent(name)}`}>Start…</a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {machines?.length === 0 && <p class="empty">There are no state machines yet.</p>}
    </main>
  );
}

async function allMachines(): Promise<readonly Machine[]> {
  const machines: Machine[] = [];
  let nextToken: string | undefined;
  do {
    const page: { readonly stateMachines: readonly Machine[]; readonly nextToken?: string } = await askAws(
      "ListStateMachines",
      nextToken === undefined ? { maxResults: 1_000 } : { maxResults: 1_000, nextToken },
    );
    machines.push(...page.stateMachines);
    nextToken = page.nextToken;
  } while (nextToken !== undefined && machines.length < 10_000);
  return machines;
}

/** The ARN of the state machine of this name. @throws {Refused} there is none */
export async function arnOf(name: string): Promise<string> {
  const found = (await allMachines()).find((machine) => machine.name === name);
  if (found === undefined) throw new Refused({ code: "NotFound", message: `There is no state machine "${name}"` });
  return found.stateMachineArn;
}

/** In the address instead of a name; no state machine can be called so. */
const NEW = "+new";
/** Kept with a state machine, and asked for by nobody here. */
const ROLE = "arn:aws:iam::123456789012:role/weft";
const example = JSON.stringify({ StartAt: "Hello", States: { Hello: { Type: "Pass", End: true } } }, undefined, 2);

/** A state machine that is looked at or written: its text, and what the server says. */
class OpenMachine {
  readonly name: string;
  readonly machine = signal<Described | undefined>(undefined);
  readonly text: Signal<string>;
  readonly newName = signal("");
  readonly told = signal("");
  readonly trouble = signal("");

  constructor(name: string) {
    this.name = name;
    this.text = signal(this.isNew ? example : "");
    if (!this.isNew) void this.#tried(() => this.#read());
  }

  get isNew(): boolean {
    return this.name === NEW;
  }

  save(): Promise<void> {
    return this.#tried(async () => {
      const definition = this.text.value;
      const stateMachineArn = this.machine.value?.stateMachineArn;
      if (stateMachineArn === undefined) {
        await askAws("CreateStateMachine", { name: this.newName.value, definition, roleArn: ROLE });
        location.hash = `#/definitions/${encodeURIComponent(this.newName.value)}`;
      } else await askAws("UpdateStateMachine", { stateMachineArn, definition });
      this.told.value = "Saved";
    });
  }

  remove(): Promise<void> {
    return this.#tried(async () => {
      await askAws("DeleteStateMachine", { stateMachineArn: this.machine.value?.stateMachineArn });
      location.hash = "#/definitions";
    });
  }

  async #read(): Promise<void> {
    const described = await askAws<Described>("DescribeStateMachine", { stateMachineArn: await arnOf(this.name) });
    this.machine.value = described;
    this.text.value = indented(described.definition);
  }

  async #tried(work: () => Promise<void>): Promise<void> {
    this.told.value = "";
    try {
      await work();
      this.trouble.value = "";
    } catch (failure) {
      this.trouble.value = sentence(failure);
    }
  }
}

/** One state machine, or a new one. */
export function DefinitionView({ name }: { readonly name: string }) {
  const open = useMemo(() => new OpenMachine(name), [name]);
  const [selected, setSelected] = useState<string | undefined>(undefined);
  const text = open.text.value;
  const machine = open.machine.value;
  const definition = useMemo(() => parsed(text), [text]);
  return (
    <main>
      <p class="crumbs">
        <a href="#/definitions">Definitions</a>
      </p>
      <h1>{open.isNew ? "New state machine" : name}</h1>
      <DefinitionActions open={open} isJson={definition !== undefined} />
      <Trouble text={open.trouble.value} />
      <div class="two">
        <div>
          <label class="editor">
            Definition
            <textarea
              spellcheck={false}
              rows={28}
              value={text}
              onInput={(event) => open.text.value = event.currentTarget.value}
            />
          </label>
          <Findings text={text} />
        </div>
        <div>
          {definition !== undefined && <GraphView definition={definition} selected={selected} onSelect={setSelected} />}
          {definition !== undefined && selected !== undefined && (
            <Playground key={selected} name={selected} state={statesOf(definition).get(selected)} />
          )}
          {machine !== undefined && <Versions arn={machine.stateMachineArn} />}
        </div>
      </div>
    </main>
  );
}

function DefinitionActions({ open, isJson }: { readonly open: OpenMachine; readonly isJson: boolean }) {
  const { name, isNew } = open;
  const isThere = open.machine.value !== undefined;
  return (
    <div class="actions">
      {isNew && (
        <label>
          Name
          <input value={open.newName.value} onInput={(event) => open.newName.value = event.currentTarget.value} />
        </label>
      )}
      <button type="button" class="primary" disabled={!isJson} onClick={() => void open.save()}>
        {isNew ? "Create" : "Save"}
      </button>
      {isThere && <a class="button" href={`#/start/${encodeURIComponent(name)}`}>Start…</a>}
      {isThere && <a class="button" href={`#/executions?workflow=${encodeURIComponent(name)}`}>Executions</a>}
      {isThere && <Sure label="Delete" kind="danger" question={`Delete ${name}?`} onYes={() => void open.remove()} />}
      <span role="status">{open.told.value}</span>
    </div>
  );
}

function Findings({ text }: { readonly text: string }) {
  const [findings, setFindings] = useState<readonly Finding[]>([]);
  useEffect(() => {
    if (text === "") return;
    const timer = setTimeout(() => {
      askAws<{ readonly diagnostics: readonly Finding[] }>("ValidateStateMachineDefinition", {
        definition: text,
        severity: "WARNING",
      })
        .then(
          ({ diagnostics }) => setFindings(diagnostics),
          (failure) => setFindings([{ severity: "ERROR", code: "", message: sentence(failure) }]),
        );
    }, 300);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <ul class="findings" aria-label="Findings" aria-live="polite">
      {findings.map(({ severity, code, message, location }, index) => (
        <li key={index} class={severity.toLowerCase()}>
          <strong>{severity} {code}</strong> {location !== undefined && <code>{location}</code>} {message}
        </li>
      ))}
      {findings.length === 0 && text !== "" && <li class="fine">Nothing to find fault with.</li>}
    </ul>
  );
}

interface Version {
  readonly stateMachineVersionArn: string;
  readonly creationDate: number;
}

interface Alias {
  readonly stateMachineAliasArn: string;
  readonly routes: readonly { readonly stateMachineVersionArn: string; readonly weight: number }[];
}

function Versions({ arn }: { readonly arn: string }) {
  const [versions, setVersions] = useState<readonly Version[]>([]);
  const [aliases, setAliases] = useState<readonly Alias[]>([]);
  const [trouble, setTrouble] = useState("");
  const read = async () => {
    const listed = await askAws<{ readonly stateMachineVersions: readonly Version[] }>("ListStateMachineVersions", {
      stateMachineArn: arn,
    });
    setVersions(listed.stateMachineVersions);
    const { stateMachineAliases } = await askAws<
      { readonly stateMachineAliases: readonly { readonly stateMachineAliasArn: string }[] }
    >(
      "ListStateMachineAliases",
      { stateMachineArn: arn },
    );
    const described: Alias[] = [];
    for (const { stateMachineAliasArn } of stateMachineAliases) {
      const { routingConfiguration } = await askAws<{ readonly routingConfiguration: Alias["routes"] }>(
        "DescribeStateMachineAlias",
        { stateMachineAliasArn },
      );
      described.push({ stateMachineAliasArn, routes: routingConfiguration });
    }
    setAliases(described);
  };
  const tried = (work: Promise<unknown>) => void work.then(read).catch((failure) => setTrouble(sentence(failure)));
  useEffect(() => tried(Promise.resolve()), [arn]);
  const last = (text: string) => text.slice(text.lastIndexOf(":") + 1);
  return (
    <section aria-label="Versions and aliases">
      <h2>Versions and aliases</h2>
      <button type="button" onClick={() => tried(askAws("PublishStateMachineVersion", { stateMachineArn: arn }))}>
        Publish a version
      </button>
      <Trouble text={trouble} />
      <ul>
        {aliases.map(({ stateMachineAliasArn, routes }) => (
          <li key={stateMachineAliasArn}>
            <strong>{last(stateMachineAliasArn)}</strong>:{" "}
            {routes.map((it) => `${it.weight}% version ${last(it.stateMachineVersionArn)}`).join(", ")}
          </li>
        ))}
        {versions.map(({ stateMachineVersionArn, creationDate }) => (
          <li key={stateMachineVersionArn}>Version {last(stateMachineVersionArn)}, {moment(creationDate * 1_000)}</li>
        ))}
      </ul>
    </section>
  );
}

function indented(text: string): string {
  const value = parsed(text);
  return value === undefined || text.includes("\n") ? text : JSON.stringify(value, undefined, 2);
}

/** JSON of a text that may be none. */
export function parsed(text: string): WireJson | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
