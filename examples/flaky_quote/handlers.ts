/** A market that answers only at the attempt that the input says. */

interface Question {
  readonly symbol: string;
  readonly answersAtAttempt: number;
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

/** By the resource that the definition names. */
export const handlers = {
  "quote-ask": ({ symbol, answersAtAttempt }: Question, { attempt }: { attempt: number }) => {
    if (symbol === "?") throw named("SymbolUnknown", `Nobody trades "${symbol}"`);
    if (attempt < answersAtAttempt) throw named("TooManyRequests", `Slow down (attempt ${attempt})`);
    return { symbol, price: 101.5, isOld: false, attempt };
  },
};
