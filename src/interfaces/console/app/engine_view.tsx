/** The engine: who leads which partition, and whether it can be asked. */
import { useEffect, useState } from "preact/hooks";
import type { EngineStatus, Overview, SpaceMessage } from "../wire.ts";
import { ask, follow, sentence } from "./api.ts";
import { Badge, Trouble } from "./parts.tsx";

const REFRESH_MS = 5_000;

/** The page of the engine. */
export function EngineView({ overview }: { readonly overview: Overview | undefined }) {
  const [status, setStatus] = useState<EngineStatus | undefined>(undefined);
  const [turns, setTurns] = useState(0);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    const read = () =>
      ask<EngineStatus>("engine").then(
        (it) => {
          setStatus(it);
          setTrouble("");
        },
        (failure) => setTrouble(sentence(failure)),
      );
    void read();
    const timer = setInterval(() => void read(), REFRESH_MS);
    const stop = follow<SpaceMessage>("", (message) => setTurns((before) => before + message.turns), () => {});
    return () => {
      clearInterval(timer);
      stop();
    };
  }, []);
  return (
    <main>
      <h1>Engine</h1>
      <Trouble text={trouble} />
      <dl class="facts">
        <dt>Version</dt>
        <dd>{overview?.version}</dd>
        <dt>Home</dt>
        <dd>{overview?.home}</dd>
        <dt>Account and region</dt>
        <dd>{overview?.tenant} / {overview?.namespace}</dd>
        <dt>Turns seen since this page was opened</dt>
        <dd>{turns.toLocaleString()}</dd>
      </dl>
      <h2>Partitions</h2>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Partition</th>
            <th scope="col">Status</th>
            <th scope="col">Epoch</th>
            <th scope="col">Incident</th>
          </tr>
        </thead>
        <tbody>
          {(status?.partitions ?? []).map(({ partition, kind, epoch, incident }) => (
            <tr key={partition}>
              <td>{partition}</td>
              <td>
                <Badge status={kind} />
              </td>
              <td>{epoch ?? ""}</td>
              <td class="error">{incident ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </main>
  );
}
