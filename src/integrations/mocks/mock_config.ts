/**
 * The mock configuration of Step Functions Local: which states of which machine answer with what, in which test case.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html
 */
import { Result, Schema } from "effect";
import type { Json } from "../../values/mod.ts";

/** What a mocked state does at one invocation. */
export type MockedOutcome =
  | { readonly Return: Json }
  | { readonly Throw: { readonly Error: string; readonly Cause?: string } };

const AnyJson = Schema.declare<Json>((value): value is Json => value !== undefined);
const Outcome = Schema.Union([
  Schema.Struct({ Return: AnyJson }),
  Schema.Struct({ Throw: Schema.Struct({ Error: Schema.String, Cause: Schema.optionalKey(Schema.String) }) }),
]);
const MockConfigFile = Schema.Struct({
  StateMachines: Schema.Record(
    Schema.String,
    Schema.Struct({ TestCases: Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.String)) }),
  ),
  MockedResponses: Schema.Record(Schema.String, Schema.Record(Schema.String, Outcome)),
});

/** A mock configuration that cannot be: the message names the file and what is wrong. */
export class MockConfigInvalid extends Error {
  override readonly name = "MockConfigInvalid";
}

/** One entry of a mocked response: invocations from … to …, 0-based, and what they get. */
interface MockedRange {
  readonly from: number;
  readonly to: number;
  readonly outcome: MockedOutcome;
}

type MockedResponse = readonly MockedRange[];

/** A test case: the mocked states' responses, by the states' names. */
export type TestCase = ReadonlyMap<string, { readonly name: string; readonly response: MockedResponse }>;

const rangePattern = /^(\d{1,9})(?:-(\d{1,9}))?$/;

/** A file of mocks, checked as a whole. */
export class MockConfig {
  readonly #testCases: ReadonlyMap<string, TestCase>;

  /** @throws {MockConfigInvalid} */
  constructor({ path, text }: { readonly path: string; readonly text: string }) {
    const invalid = (why: string) => new MockConfigInvalid(`The mock configuration "${path}" cannot be used: ${why}`);
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (failure) {
      throw invalid(failure instanceof Error ? failure.message : "it is no JSON");
    }
    const decoded = Schema.decodeUnknownResult(MockConfigFile)(parsed);
    if (Result.isFailure(decoded)) throw invalid(String(decoded.failure));
    const { StateMachines, MockedResponses } = decoded.success;
    const responses = new Map(
      Object.entries(MockedResponses).map(([name, entries]) => [
        name,
        Object.entries(entries).map(([range, outcome]) =>
          mockedRange(range, outcome, (why) => invalid(`${name}: ${why}`))
        ),
      ]),
    );
    const testCases = new Map<string, TestCase>();
    for (const [machine, { TestCases }] of Object.entries(StateMachines)) {
      for (const [testCase, states] of Object.entries(TestCases)) {
        const mocked = Object.entries(states).map(([state, name]) => {
          const response = responses.get(name);
          if (response === undefined) throw invalid(`${machine}, ${testCase}: there is no mocked response "${name}"`);
          return [state, { name, response }] as const;
        });
        testCases.set(keyOf(machine, testCase), new Map(mocked));
      }
    }
    this.#testCases = testCases;
  }

  /** `undefined` when the machine has no test case of this name. */
  testCase(machine: string, testCase: string): TestCase | undefined {
    return this.#testCases.get(keyOf(machine, testCase));
  }
}

/** What an invocation gets, 0 being the first; `undefined` when the file says nothing about it. */
export function outcomeAt(response: MockedResponse, invocation: number): MockedOutcome | undefined {
  return response.find(({ from, to }) => from <= invocation && invocation <= to)?.outcome;
}

function keyOf(machine: string, testCase: string): string {
  return `${machine}#${testCase}`;
}

function mockedRange(range: string, outcome: MockedOutcome, invalid: (why: string) => Error): MockedRange {
  const [, from = "", to = from] = rangePattern.exec(range) ?? [];
  if (from === "" || Number(to) < Number(from)) {
    throw invalid(`expected an invocation such as "0", or a range such as "1-2", but got "${range}"`);
  }
  return { from: Number(from), to: Number(to), outcome };
}
