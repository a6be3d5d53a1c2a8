/** Parts that several views are made of. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { diffLines } from "./line_diff.ts";
import { pretty } from "./shown.ts";

/** A status, by colour and word. */
export function Badge({ status }: { readonly status: string }) {
  return <span class={`badge ${status.toLowerCase()}`}>{status}</span>;
}

/** A button that asks once more before it does what cannot be undone. */
export function Sure(
  { label, question, onYes, kind = "" }: {
    readonly label: string;
    readonly question: string;
    readonly onYes: () => void;
    readonly kind?: string;
  },
) {
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) return <button type="button" class={kind} onClick={() => setAsking(true)}>{label}</button>;
  return (
    <span class="sure" role="alertdialog" aria-label={question}>
      {question}
      <button
        type="button"
        class="danger"
        onClick={() => {
          setAsking(false);
          onYes();
        }}
      >
        Yes, {label.toLowerCase()}
      </button>
      <button type="button" onClick={() => setAsking(false)}>No</button>
    </span>
  );
}

/** Characters of a text that are shown at once: more would stop the page. */
const CHARACTERS_SHOWN = 40_000;

/** JSON that can be searched and copied. Text, never markup. */
export function JsonView({ value, label }: { readonly value: unknown; readonly label: string }) {
  const [wanted, setWanted] = useState("");
  const [isWhole, setWhole] = useState(false);
  const text = pretty(value);
  const lines = wanted === "" ? text : matching(text, wanted);
  const isCut = lines.length > CHARACTERS_SHOWN && !isWhole;
  return (
    <div class="json">
      <div class="bar">
        <input
          type="search"
          placeholder="Find"
          aria-label={`Find in ${label}`}
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        <button type="button" onClick={() => void navigator.clipboard?.writeText(text)}>Copy</button>
        <span class="faint">{text.length.toLocaleString()} characters</span>
      </div>
      <pre tabIndex={0} aria-label={label} role="region">{isCut ? lines.slice(0, CHARACTERS_SHOWN) : lines}</pre>
      {isCut && <button type="button" onClick={() => setWhole(true)}>Show all</button>}
    </div>
  );
}

function matching(text: string, wanted: string): string {
  const small = wanted.toLowerCase();
  const lines = text.split("\n").filter((line) => line.toLowerCase().includes(small));
  return lines.length === 0 ? "Nothing found" : lines.join("\n");
}

/** What changed from one JSON to another. */
export function DiffView({ before, after }: { readonly before: unknown; readonly after: unknown }) {
  const lines = diffLines(pretty(before).slice(0, CHARACTERS_SHOWN * 4), pretty(after).slice(0, CHARACTERS_SHOWN * 4));
  return (
    <pre class="diff" tabIndex={0} role="region" aria-label="Difference between input and output">
      {lines.slice(0, 5_000).map(({ kind, text }, index) => (
        <span key={index} class={kind}>{`${kind === "gone" ? "−" : kind === "new" ? "+" : " "} ${text}\n`}</span>
      ))}
    </pre>
  );
}

/** Rows above and below those that are seen. */
const ROWS_BESIDE = 12;

/** A list of which only what is seen exists. */
export function VirtualRows<T>(
  { rows, rowHeight, render, label, isPinned = false }: {
    readonly rows: readonly T[];
    readonly rowHeight: number;
    readonly render: (row: T, index: number) => ComponentChildren;
    readonly label: string;
    /** Stays at the end while it is there. */
    readonly isPinned?: boolean;
  },
) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(480);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    setHeight(element.clientHeight);
    const wasAtEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - 4 * rowHeight;
    if (isPinned && wasAtEnd) element.scrollTop = element.scrollHeight;
  }, [rows.length, isPinned, rowHeight]);
  const first = Math.max(0, Math.floor(top / rowHeight) - ROWS_BESIDE);
  const count = Math.ceil(height / rowHeight) + 2 * ROWS_BESIDE;
  return (
    <div
      class="virtual"
      ref={box}
      role="list"
      aria-label={label}
      tabIndex={0}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <div class="space" style={{ height: `${rows.length * rowHeight}px` }}>
        {rows.slice(first, first + count).map((row, index) => (
          <div
            key={first + index}
            class="row"
            role="listitem"
            style={{ top: `${(first + index) * rowHeight}px`, height: `${rowHeight}px` }}
          >
            {render(row, first + index)}
          </div>
        ))}
      </div>
    </div>
  );
}

/** What went wrong, where it is to be seen. */
export function Trouble({ text }: { readonly text: string }) {
  return text === "" ? null : <p class="trouble" role="alert">{text}</p>;
}
