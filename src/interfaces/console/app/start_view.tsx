/** An execution started by hand: an input that is checked before, the last ones offered. */
import { useEffect, useState } from "preact/hooks";
import type { RunDetail } from "../wire.ts";
import { ask, askAws, sentence } from "./api.ts";
import { arnOf, parsed } from "./definitions_view.tsx";
import { spaceOf } from "./follow_run.ts";
import { Trouble } from "./parts.tsx";
import { pretty } from "./shown.ts";

/** Inputs that are offered again, and the longest that is kept, characters. */
const INPUTS_KEPT = 5;
const INPUT_CHARACTERS_MAX = 20_000;

/** The form. `like`: the execution whose input is begun with. */
export function StartView({ name, like }: { readonly name: string; readonly like: string | null }) {
  const [input, setInput] = useState("{}");
  const [runName, setRunName] = useState("");
  const [trouble, setTrouble] = useState("");
  const [earlier, setEarlier] = useState<readonly string[]>(keptInputs(name));
  useEffect(() => {
    if (like === null) return;
    ask<RunDetail>("executions/describe", { executionId: like, ...spaceOf(like) }).then(
      (detail) => setInput(pretty(detail.input)),
      (failure) => setTrouble(sentence(failure)),
    );
  }, [like]);
  const isJson = parsed(input) !== undefined;
  const start = async () => {
    try {
      const stateMachineArn = await arnOf(name);
      const { executionArn } = await askAws<{ readonly executionArn: string }>("StartExecution", {
        stateMachineArn,
        input,
        ...(runName === "" ? {} : { name: runName }),
      });
      keepInput(name, input);
      setEarlier(keptInputs(name));
      const { executionId } = await ask<{ readonly executionId: string }>("executions/find", { arn: executionArn });
      location.hash = `#/execution${executionId}`;
    } catch (failure) {
      setTrouble(sentence(failure));
    }
  };
  return (
    <main>
      <p class="crumbs">
        <a href={`#/definitions/${encodeURIComponent(name)}`}>{name}</a>
      </p>
      <h1>Start {name}</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <label>
          Name, if it is to have one<input value={runName} onInput={(event) => setRunName(event.currentTarget.value)} />
        </label>
        <label class="editor">
          Input<textarea
            rows={14}
            spellcheck={false}
            value={input}
            aria-invalid={!isJson}
            onInput={(event) => setInput(event.currentTarget.value)}
          />
        </label>
        {!isJson && <p class="trouble" role="alert">This is not JSON yet.</p>}
        <button type="submit" class="primary" disabled={!isJson}>Start</button>
      </form>
      <Trouble text={trouble} />
      {earlier.length > 0 && (
        <section aria-label="Inputs of before">
          <h2>Inputs of before</h2>
          {earlier.map((text) => (
            <button type="button" key={text} class="earlier" onClick={() => setInput(text)}>
              {text.slice(0, 160)}
            </button>
          ))}
        </section>
      )}
    </main>
  );
}

function keptInputs(name: string): readonly string[] {
  const kept = parsed(localStorage.getItem(`weft inputs ${name}`) ?? "[]");
  return Array.isArray(kept) ? kept.filter((it) => typeof it === "string") : [];
}

function keepInput(name: string, input: string): void {
  if (input.length > INPUT_CHARACTERS_MAX) return;
  const others = keptInputs(name).filter((it) => it !== input);
  localStorage.setItem(`weft inputs ${name}`, JSON.stringify([input, ...others].slice(0, INPUTS_KEPT)));
}
