/** Expressions on which we depart from the jsonata package, and why. */
export const departures: ReadonlyMap<string, string> = new Map([
  ["$eval", "Step Functions has no $eval"],
]);
