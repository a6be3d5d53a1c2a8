import { Effect } from "effect";
import type { AwsScope } from "../arns.ts";
import type { AwsFailure } from "../aws_failure.ts";

/** A task of an activity, handed to one worker. */
export interface ActivityTask {
  readonly token: string;
  /** JSON text. */
  readonly input: string;
  /** The worker went before it got the task: another shall have it. */
  readonly giveBack: () => void;
}

/** Where tasks whose resource is an activity's ARN wait for the workers that ask for them. */
export interface ActivityTasks {
  /** Fails with `ActivityWorkerLimitExceeded`, or answers with a task at once, or when one comes, or with `null` when `timeoutMs` have passed. A call that is broken off takes none. */
  poll(
    request: AwsScope & {
      readonly activityArn: string;
      readonly workerName: string | undefined;
      readonly timeoutMs: number;
    },
  ): Effect.Effect<ActivityTask | null, AwsFailure>;
}

/** No task ever comes: for homes whose tasks go elsewhere. */
export const noActivityTasks: ActivityTasks = {
  poll: ({ timeoutMs }) => Effect.as(Effect.sleep(timeoutMs), null),
};
