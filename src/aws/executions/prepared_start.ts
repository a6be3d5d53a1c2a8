/** What a start of an execution is made of, whichever way it is started. */
import { Effect } from "effect";
import { type Json, present } from "../../values/mod.ts";
import { type AwsAnswer, given } from "../answers.ts";
import { type AwsCaller, spaceOf } from "../aws_caller.ts";
import { type MeantMachine, meantMachine, pinnedBy } from "../machines/find_machine.ts";
import { parseMachineArn } from "../arns.ts";
import { checkName } from "../names.ts";
import { parseInput } from "./execution_input.ts";
import type { ShownAs } from "./shown_as.ts";

/** Longest life of an execution of an EXPRESS machine. @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const EXPRESS_SECONDS_MAX = 300;

/** A start that can be put before the engine. */
export interface PreparedStart {
  readonly meant: MeantMachine;
  readonly name: string;
  readonly arn: string;
  readonly inputText: string;
  readonly request: {
    readonly tenant: string;
    readonly namespace: string;
    readonly workflow: string;
    readonly input: Json;
    readonly shownAs: ShownAs;
    readonly secondsMax?: number;
    readonly pinned?: { readonly revision: number; readonly hash: string };
  };
}

interface StartRequest {
  readonly stateMachineArn: string;
  readonly name?: string;
  readonly input?: string;
  readonly traceHeader?: string;
}

/** Checks a start. @param arnOf the execution's ARN, from machine and name */
export function prepareStart(
  call: AwsCaller,
  { stateMachineArn, name: givenName, input: inputText = "{}", traceHeader }: StartRequest,
  arnOf: (meant: MeantMachine, name: string) => string,
): AwsAnswer<PreparedStart> {
  return Effect.gen(function* () {
    const name = givenName === undefined ? call.draws.uuid() : yield* given(checkName(givenName));
    const meant = yield* meantMachine(call, stateMachineArn);
    const input = yield* given(parseInput(inputText));
    const { machine, version, aliasArn } = meant;
    const { testCase } = yield* given(parseMachineArn(stateMachineArn));
    const arn = arnOf(meant, name);
    const asked = {
      ...(version === undefined ? {} : { stateMachineVersionArn: version.arn }),
      ...present({ stateMachineAliasArn: aliasArn, traceHeader, testCase }),
    };
    const shownAs: ShownAs = {
      Execution: { Id: arn, Name: name, RoleArn: version?.record.roleArn ?? machine.record.roleArn },
      StateMachine: { Id: machine.arn, Name: machine.name },
      ...(Object.keys(asked).length === 0 ? {} : { Asked: asked }),
    };
    const request = {
      ...spaceOf(machine.scope),
      workflow: machine.name,
      input,
      shownAs,
      ...(machine.record.type === "EXPRESS" ? { secondsMax: EXPRESS_SECONDS_MAX } : {}),
      ...pinnedBy(version),
    };
    return { meant, name, arn, inputText, request };
  });
}
