// Goal: a wish that was cut off has either not been asked for, or its answer has come: nobody looks for its effects too early.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Clock, Deferred, Effect, Exit, Fiber } from "effect";
import { EngineCommands, unlessRefused, untilAnswered } from "../../../src/integrations/engine_requests.ts";
import { type ApiCode, effectClock, RequestRefused } from "../../../src/runtime/mod.ts";
import { ManualClock } from "../../support/manual_clock.ts";

const refused = (code: ApiCode) => new RequestRefused({ code, message: "as written" });

/** An engine that refuses with these codes, one after the other, and then answers. */
function engineOf(codes: readonly ApiCode[]) {
  const left = [...codes];
  const asked = { times: 0 };
  const request = () =>
    Effect.suspend(() => {
      asked.times += 1;
      const code = left.shift();
      return code === undefined ? Effect.succeed("answer") : Effect.fail(refused(code));
    });
  return { request, asked };
}

/** Runs it by a clock, which goes on as soon as somebody waits for it; gives what it came to, and how long was waited for in all. */
async function byClock<A, E>(effect: Effect.Effect<A, E>) {
  const clock = new ManualClock(0);
  const fiber = Effect.runFork(Effect.provideService(effect, Clock.Clock, effectClock(clock)));
  let isOver = false;
  const exit = Effect.runPromise(Fiber.await(fiber)).finally(() => isOver = true);
  while (!isOver) {
    clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { exit: await exit, ms: clock.nowEpochMs() };
}

test("untilAnswered() asks an engine that is away again, later each time, by the clock that it is given", async () => {
  const { request, asked } = engineOf(["Unavailable", "Internal", "Unavailable"]);
  const { exit, ms } = await byClock(untilAnswered(request));
  deepStrictEqual([exit, asked.times], [Exit.succeed("answer"), 4]);
  ok(ms >= 20 + 20 + 40, `${ms} ms`);
});

test("untilAnswered() fails with any other refusal at once, and with a defect that stays", async () => {
  const other = engineOf(["NotFound"]);
  deepStrictEqual(await Effect.runPromise(Effect.flip(untilAnswered(other.request))), refused("NotFound"));
  const broken = engineOf(Array.from({ length: 100 }, () => "Internal" as const));
  const { exit } = await byClock(untilAnswered(broken.request));
  deepStrictEqual([exit, broken.asked.times], [Exit.fail(refused("Internal")), 21]);
});

test("untilAnswered() stops after so many retries, where they are bounded", async () => {
  const away = engineOf(Array.from({ length: 100 }, () => "Unavailable" as const));
  const { exit } = await byClock(untilAnswered(away.request, { defectsMax: 0, retriesMax: 3 }));
  deepStrictEqual([exit, away.asked.times], [Exit.fail(refused("Unavailable")), 4]);
});

test("unlessRefused() is undefined for the reasons that are named, and fails for others", async () => {
  strictEqual(await Effect.runPromise(unlessRefused(["NotFound"], Effect.fail(refused("NotFound")))), undefined);
  const other = Effect.flip(unlessRefused(["NotFound"], Effect.fail(refused("InvalidStatus"))));
  deepStrictEqual(await Effect.runPromise(other), refused("InvalidStatus"));
});

const inScope = <A>(work: (commands: EngineCommands) => Effect.Effect<A>) =>
  Effect.runPromise(Effect.scoped(Effect.flatMap(EngineCommands.make, work)));

test("untilDone() that is cut off awaits the answer that is on its way, and asks no more", () =>
  inScope((commands) =>
    Effect.gen(function* () {
      const answer = yield* Deferred.make<string, RequestRefused>();
      let asked = 0;
      const wish = commands.untilDone(() => Effect.andThen(Effect.sync(() => asked += 1), Deferred.await(answer)));
      const fiber = yield* Effect.forkChild(wish, { startImmediately: true });
      const cut = yield* Effect.forkChild(Fiber.interrupt(fiber), { startImmediately: true });
      yield* Effect.yieldNow;
      deepStrictEqual([fiber.pollUnsafe(), cut.pollUnsafe()], [undefined, undefined]);
      yield* Deferred.fail(answer, refused("Unavailable"));
      yield* Fiber.join(cut);
      strictEqual(asked, 1);
    })
  ));

test("untilDone() holds nobody up when the node stops, though the engine never answers", async () => {
  const stopped = Effect.scoped(Effect.gen(function* () {
    const commands = yield* EngineCommands.make;
    return yield* Effect.forkDetach(commands.untilDone(() => Effect.never), { startImmediately: true });
  }));
  const exit = await Effect.runPromise(Effect.flatMap(stopped, Fiber.await));
  ok(Exit.isFailure(exit));
});
