/** A state tried out by AWS's TestState: an input, perhaps a mock, and what comes of each step. */
import { useState } from "preact/hooks";
import type { WireJson } from "../wire.ts";
import { askAws, sentence } from "./api.ts";
import { JsonView, Trouble } from "./parts.tsx";

/** The playground of one state. */
export function Playground({ name, state }: { readonly name: string; readonly state: WireJson | undefined }) {
  const [input, setInput] = useState("{}");
  const [mock, setMock] = useState("");
  const [answer, setAnswer] = useState<WireJson | undefined>(undefined);
  const [trouble, setTrouble] = useState("");
  const run = async () => {
    try {
      setAnswer(
        await askAws<WireJson>("TestState", {
          definition: JSON.stringify(state),
          input,
          inspectionLevel: "TRACE",
          ...(mock === "" ? {} : { mock: { result: mock } }),
        }),
      );
      setTrouble("");
    } catch (failure) {
      setAnswer(undefined);
      setTrouble(sentence(failure));
    }
  };
  return (
    <section class="playground" aria-label={`Try ${name}`}>
      <h2>Try “{name}”</h2>
      <label>
        Input<textarea rows={5} value={input} onInput={(event) => setInput(event.currentTarget.value)} />
      </label>
      <label>
        Mocked result<textarea
          rows={2}
          placeholder="None: what the state asks is really done"
          value={mock}
          onInput={(event) => setMock(event.currentTarget.value)}
        />
      </label>
      <button type="button" class="primary" onClick={() => void run()}>Test state</button>
      <Trouble text={trouble} />
      {answer !== undefined && <JsonView value={answer} label="Result of the test" />}
    </section>
  );
}
