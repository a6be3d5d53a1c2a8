/** Names of errors that executions meet: what `Retry` and `Catch` see. A test holds that there is a page for each name in the product. */
import type { ErrorPage } from "./page.ts";

/** Names of the Amazon States Language. */
export const statesErrors: Readonly<Record<string, ErrorPage>> = {
  "States.ALL": {
    meaning:
      "not an error but a name for `Retry` and `Catch`: it stands for all but `States.Runtime`, and but a `States.DataLimitExceeded` of the state's own data.",
    cause: "it stands in a definition.",
    remedy:
      "put it last and alone in its `ErrorEquals`. To catch [States.DataLimitExceeded](States.DataLimitExceeded.md) too, name it.",
  },
  "States.TaskFailed": {
    meaning:
      "in `Retry` and `Catch`: whatever a task fails with but a timeout. As an error itself: a task failed without saying how.",
    cause: "a worker, a handler or an activity failed its task without a name.",
    remedy:
      "let the worker name its errors: `TaskFailure` in TypeScript, `error` of `tasks.fail` ([protocol](../protocol.md)).",
  },
  "States.Timeout": {
    meaning:
      "a task, a state or the whole execution took longer than its `TimeoutSeconds`, or than an execution may (`executionSecondsMax`).",
    cause:
      "no worker takes the tasks of this resource, the worker has died, or the work takes longer than the definition allows.",
    remedy:
      "look whether a worker listens on the resource's name, raise `TimeoutSeconds`, or retry it: `Retry` on `States.Timeout`.",
  },
  "States.HeartbeatTimeout": {
    meaning: "a task gave no sign of life for longer than its `HeartbeatSeconds`.",
    cause: "the worker has died or hangs, or never calls `heartbeat()`.",
    remedy: "send heartbeats at a third of the interval; retry it, as another worker may be well.",
  },
  "States.Runtime": {
    meaning:
      "the state machine asked for something that cannot be: a path that finds nothing, a Choice without a match and without `Default`, a value of the wrong type. It is neither retried nor caught.",
    cause: "an input that has another shape than the definition expects.",
    remedy:
      "the cause names the state and the path. Try the state alone, with the input that it got: `testState` of [testing](../testing.md), or the console.",
  },
  "States.NoChoiceMatched": {
    meaning:
      "the specification's name for a Choice state without a match and without `Default`. As at AWS, the execution fails with [States.Runtime](States.Runtime.md) instead.",
    cause: "an input that no rule is for.",
    remedy: "give the Choice state a `Default`, such as a Fail state with an error of your own.",
  },
  "States.QueryEvaluationError": {
    meaning: "a JSONata expression failed, gave nothing, or gave something that the field does not take.",
    cause:
      "a function called with what it does not take, a field of the input that is missing, a result that is no JSON.",
    remedy: "the cause has the field and JSONata's own message. `$exists(…)` and `? :` take what may be missing.",
  },
  "States.IntrinsicFailure": {
    meaning: "an intrinsic function (`States.Format` …) of a payload template failed.",
    cause: "arguments that it does not take: text that is no JSON, a range without end, an index that is not there.",
    remedy:
      "the cause has the function. What each takes is in [AWS's list](https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html).",
  },
  "States.DataLimitExceeded": {
    meaning: "an input, an output or a result is larger than `payloadBytesMax`: 262,144 bytes as UTF-8.",
    cause: "whole documents are passed from state to state, or a Map gathers many results.",
    remedy:
      "keep them elsewhere and pass where they are; select what is needed (`ResultSelector`, `Output`); let a distributed Map write its results to objects.",
  },
  "States.ExceedToleratedFailureThreshold": {
    meaning: "more items of a distributed Map failed than it tolerates.",
    cause: "no `ToleratedFailureCount` or `ToleratedFailurePercentage`: then one is enough.",
    remedy:
      "list the Map Run's failed children ([Map Runs](../map_runs.md)), mend what failed, and redrive the execution: what succeeded is kept.",
  },
  "States.ItemReaderFailed": {
    meaning: "a distributed Map could not read its items.",
    cause: "an object that is not there, another format than `InputType` says, no object store that is set up.",
    remedy: "the cause says why; where objects are looked for is in [Map Runs](../map_runs.md#where-objects-are).",
  },
  "States.ResultWriterFailed": {
    meaning: "a distributed Map could not write its results.",
    cause: "a bucket that is not there or may not be written to, no object store that is set up.",
    remedy: "the cause says why; where objects are written is in [Map Runs](../map_runs.md#where-objects-are).",
  },
  "States.Http.Socket": {
    meaning: "an HTTP task got no answer within 60 s, or no connection.",
    cause: "the endpoint is away, or its address is internal and not allowed (`WEFT_HTTP_INTERNAL`).",
    remedy: "retry it. What may be reached is in [integrations](../integrations.md#http).",
  },
  "States.Http.StatusCode": {
    meaning:
      "an HTTP task was answered with a status that is no 2xx: the name ends with it, `States.Http.StatusCode.404`. The cause is the answer's body.",
    cause: "the endpoint refused the request; redirects are not followed.",
    remedy: "retry 429 and 5xx, catch or mend the others.",
  },
};

/** Names of Weft's own. */
export const weftErrors: Readonly<Record<string, ErrorPage>> = {
  "Weft.NoHandler": {
    meaning: "there is no handler for the task's resource in this process.",
    cause: "a resource's name misspelt, or a module that does not export it.",
    remedy:
      "give one by the resource's name; the cause lists those that there are. `weft types` makes the compiler tell ([types](../cli.md#types)).",
  },
  "Weft.NoMock": {
    meaning: "a test ran into a task that it has no mock for.",
    cause: "a mock is missing, or is under another name than the state's or the resource's.",
    remedy: "give one in `mocks` ([testing](../testing.md)).",
  },
  "Weft.InvalidResult": {
    meaning: "what a handler returned is no JSON, or a command's stdout is none.",
    cause: "a function, a bigint, a cycle, or too many levels; a command that prints something besides.",
    remedy: "return plain values; print nothing else on stdout.",
  },
  "Weft.CommandFailed": {
    meaning: "the command of `weft worker --exec` ended with another exit status than 0, or could not be started.",
    cause: "the error's cause is the end of its stderr.",
    remedy: 'print `{"error": …, "cause": …}` on stdout for a name of your own ([worker](../cli.md#worker)).',
  },
  "Weft.TooManyTasks": {
    meaning: "too many tasks of one integration wait on this node already.",
    cause: "many executions at once, and a service that is slow.",
    remedy: "retry it, let fewer executions run at once (`MaxConcurrency`), or spread them over more nodes.",
  },
  "Weft.AwsSdkMissing": {
    meaning: "a task calls a service of AWS, and the package that speaks its protocol is not installed.",
    cause: "Weft brings none of AWS's packages.",
    remedy:
      "the cause says which: `npm install @aws-sdk/client-…`, beside Weft or in the working folder ([integrations](../integrations.md#awss-services)).",
  },
  "Weft.IntegrationFailed": {
    meaning: "an integration failed by itself.",
    cause: "a mistake in Weft.",
    remedy: "the log of the node has the reason. Please report it.",
  },
  "Weft.Reclaimed": {
    meaning: "a task ended because its state did, after the executions that it had started were ended.",
    cause: "the execution was canceled or timed out meanwhile.",
    remedy: "nothing: nobody waits for it.",
  },
  "Nats.NoResponders": {
    meaning: "nobody listens at the subject of a `nats:request:` task.",
    cause: "the service is not running, or is connected to another server or account.",
    remedy: "start it; retry for as long as a restart takes.",
  },
  "Nats.Timeout": {
    meaning: "a NATS service did not reply within the task's `TimeoutSeconds`, or 60 s.",
    cause: "it is slow or hangs; the request may have been carried out.",
    remedy: "raise `TimeoutSeconds`, or retry: the request has the task's id, by which a service knows the repeat.",
  },
  "Nats.InvalidReply": {
    meaning: "a NATS service's reply is no UTF-8 text.",
    cause: "it answers in another encoding.",
    remedy: "let it answer JSON or text.",
  },
  "Nats.Unavailable": {
    meaning: "the NATS server cannot be reached.",
    cause: "it is away, or an engine that is not on NATS was not told where it is (`WEFT_NATS_URL`).",
    remedy: "retry; set the variable for `weft dev` and `weft run`.",
  },
  "Nats.SubjectRefused": {
    meaning:
      "tasks may not send to this subject: one of the server (`$…`), of inboxes, of Weft (`weft.…`), or with wildcards.",
    cause: "the definition's resource, or a parameter that stands in a mapped one.",
    remedy: "choose a subject of your own.",
  },
  "Nats.ServiceError": {
    meaning:
      "the service answered with an error: the name ends with its code, `Nats.ServiceError.500`, and the cause is its text.",
    cause: "the service's own.",
    remedy: "retry or catch it by that name.",
  },
};
