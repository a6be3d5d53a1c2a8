/** Why a state's run does not go on, and what can be done about it. */
import { useState } from "preact/hooks";
import { ask, sentence } from "./api.ts";
import { Trouble } from "./parts.tsx";
import { type Activity, type TaskRun, waitingState, waitReason } from "../../../story/mod.ts";
import { duration, moment } from "./shown.ts";

/** What a run waits for; nothing for one that has ended or works. `version`: so that it is told anew. */
export function WaitReason({ executionId, activity }: {
  readonly executionId: string;
  readonly activity: Activity;
  readonly version: number;
}) {
  if (activity.endedAt !== undefined) return null;
  const task = activity.tasks.findLast(({ endedEvent }) => endedEvent === undefined);
  return (
    <div class="why" role="note" aria-label="Why it waits">
      {reasonOf(activity, task)}
      {task !== undefined && <TaskAnswer executionId={executionId} activityId={activity.id} task={task} />}
    </div>
  );
}

/** In a sentence. */
export function reasonOf(activity: Activity, task: TaskRun | undefined): string {
  return waitReason(waitingState(activity, task), Date.now(), { moment, duration });
}

/** Ends a task by hand, as a worker or whoever has its token would. */
function TaskAnswer({ executionId, activityId, task }: {
  readonly executionId: string;
  readonly activityId: string;
  readonly task: TaskRun;
}) {
  const [text, setText] = useState("{}");
  const [error, setError] = useState("");
  const [trouble, setTrouble] = useState("");
  const target = { executionId, activityId, taskId: task.taskId };
  const send = async (operation: string, more: () => object) => {
    try {
      await ask(operation, { ...target, ...more() });
      setTrouble("");
    } catch (failure) {
      setTrouble(sentence(failure));
    }
  };
  return (
    <details>
      <summary>Answer for it</summary>
      <label>
        Output<textarea rows={3} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button type="button" onClick={() => void send("tasks/complete", () => ({ output: JSON.parse(text) }))}>
        Send success
      </button>
      <label>
        Error<input value={error} onInput={(event) => setError(event.currentTarget.value)} />
      </label>
      <button
        type="button"
        class="danger"
        onClick={() => void send("tasks/fail", () => ({ error, cause: "Failed by hand in the console" }))}
      >
        Send failure
      </button>
      <Trouble text={trouble} />
    </details>
  );
}
