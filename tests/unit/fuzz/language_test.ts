// Goal: whatever a definition, a path, a template, an expression or an input says, the language answers: no throw, no hang, no change of
// a prototype or of an input, JSON alone, and the same again. Method: cases made and spoilt at random, for a time.
//
// `WEFT_FUZZ_SECONDS=…` (15) is the time of all. A failure names the seed of its case: `WEFT_FUZZ_SEED=…` begins with that case.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { Result } from "effect";
import { parseDefinition, validateDefinition, variableReferences } from "../../../src/language/mod.ts";
import { parseIntrinsic } from "../../../src/language/intrinsics/parse_intrinsic.ts";
import { parsePath } from "../../../src/language/paths/parse_path.ts";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { SeededRandom } from "../../support/seeded_random.ts";
import { checkCase, frozen, usedMs } from "../../support/fuzz/language/case_check.ts";
import { evaluationsOf } from "../../support/fuzz/language/evaluations.ts";
import {
  altered,
  randomExpression,
  randomMachine,
  randomOutput,
  randomTemplate,
} from "../../support/fuzz/language/random_definition.ts";
import { randomFunctionCall } from "../../support/fuzz/language/random_function.ts";
import { randomInput } from "../../support/fuzz/language/random_json.ts";
import { randomCall, randomPath, spoilt } from "../../support/fuzz/language/random_text.ts";

const seconds = Number(process.env["WEFT_FUZZ_SECONDS"] ?? 15);
const firstSeed = Number(process.env["WEFT_FUZZ_SEED"] ?? Date.now() % 1_000_000_000);

const passing = (fields: JsonObject): JsonObject => ({
  StartAt: "S",
  States: { S: { Type: "Pass", ...fields, End: true } },
});

/** Checks a definition, and evaluates it where it is right. */
function checkDefinition(definition: Json | string, input: Json): unknown {
  const findings = validateDefinition(definition);
  const parsed = parseDefinition(definition);
  const errors = findings.filter(({ severity }) => severity === "ERROR");
  strictEqual(Result.isFailure(parsed), errors.length > 0, "Expected a definition without errors to be read");
  for (const { code, message, location } of findings) {
    ok(/^[A-Z_]+$/.test(code) && message !== "", "Expected a code and a message");
    ok(location === undefined || /^$|^\/|^\[Source: /.test(location), `Expected a location: ${location}`);
  }
  if (Result.isFailure(parsed)) return findings;
  return [findings, variableReferences(definition), evaluationsOf(parsed.success, input)];
}

function outcomeOf<T>(result: Result.Result<T, unknown>): unknown {
  return Result.isSuccess(result) ? { read: result.success } : { refused: result.failure };
}

/** Each makes one case; what it gives is shown where the case fails. */
const targets: Readonly<Record<string, (random: SeededRandom) => readonly [shown: unknown, evaluate: () => unknown]>> =
  {
    "definitions": (random) => {
      let definition: Json = randomMachine(random);
      for (let times = random.below(3); times > 0; times--) definition = altered(definition, random);
      const input = randomInput(random);
      return [{ definition, input }, () => checkDefinition(frozen(definition), frozen(input))];
    },
    "texts of definitions": (random) => {
      const text = JSON.stringify(randomMachine(random), null, random.below(3));
      const definition = random.chance(0.8) ? spoilt(text, random) : text;
      return [{ definition }, () => checkDefinition(definition, {})];
    },
    "paths": (random) => {
      const path = random.chance(0.7) ? randomPath(random, 3) : spoilt(randomPath(random, 3), random);
      const input = randomInput(random);
      const fields = { [random.pick(["InputPath", "OutputPath"])]: path };
      return [{ path, input }, () => [
        outcomeOf(parsePath(path)),
        checkDefinition(passing(fields), frozen(input)),
      ]];
    },
    "calls of intrinsic functions": (random) => {
      const call = random.chance(0.8) ? randomCall(random) : spoilt(randomCall(random), random);
      const input = randomInput(random);
      return [{ call, input }, () => [
        outcomeOf(parseIntrinsic(call)),
        checkDefinition(passing({ Parameters: { "v.$": call } }), frozen(input)),
      ]];
    },
    "payload templates": (random) => {
      const made = randomTemplate(random, 4);
      const Parameters = random.chance(0.8) ? made : altered(made, random);
      const input = randomInput(random);
      return [{ Parameters, input }, () => checkDefinition(passing({ Parameters }), frozen(input))];
    },
    "functions of JSONata": (random) => {
      const call = randomFunctionCall(random);
      const definition = { QueryLanguage: "JSONata", ...passing({ Output: `{% ${call} %}` }) };
      const input = randomInput(random);
      return [{ call, input }, () => checkDefinition(definition, frozen(input))];
    },
    "expressions of JSONata": (random) => {
      const made = random.chance(0.7) ? randomOutput(random, 2) : spoilt(randomExpression(random), random);
      const definition = { QueryLanguage: "JSONata", ...passing({ Output: made }) };
      const input = randomInput(random);
      return [{ made, input }, () => checkDefinition(definition, frozen(input))];
    },
  };

for (const [target, make] of Object.entries(targets)) {
  test(`the language answers whatever comes: ${target} (seed ${firstSeed})`, () => {
    const share = seconds * 1_000 / Object.keys(targets).length;
    const begin = usedMs();
    for (let seed = firstSeed; seed === firstSeed || usedMs() - begin < share; seed++) {
      const [shown, evaluate] = make(new SeededRandom(seed));
      checkCase(seed, shown, evaluate);
    }
  });
}

test("a case is the same for the same seed", () => {
  for (const make of Object.values(targets)) {
    deepStrictEqual(make(new SeededRandom(firstSeed))[0], make(new SeededRandom(firstSeed))[0]);
  }
});
