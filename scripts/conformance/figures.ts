/** How many of the played cases reach which level, and whether that meets the bars. */

/** One line of the player's results. */
export interface PlayedCase {
  readonly id: string;
  readonly needs: readonly string[];
  /** Highest level that it passes, 0 to 3. */
  readonly level?: number;
  /** Why it was not played. */
  readonly skipped?: string;
}

/** Share of the played cases that has to pass a level. */
const BARS = [0.995, 0.96, 0.96];

/** A line for each level, and whether every bar is met. */
export function figuresOf(
  results: readonly PlayedCase[],
): { readonly lines: readonly string[]; readonly isMet: boolean } {
  const played = results.filter(({ skipped }) => skipped === undefined);
  const bare = played.filter(({ needs }) => needs.length === 0);
  let isMet = true;
  const lines = BARS.map((bar, index) => {
    const level = index + 1;
    const count = (cases: readonly PlayedCase[]) => cases.filter((one) => (one.level ?? 0) >= level).length;
    isMet &&= count(played) >= bar * played.length && count(bare) === bare.length;
    return `level ${level}: ${shareOf(count(played), played.length)}; of those that need nothing ${
      shareOf(count(bare), bare.length)
    }`;
  });
  return { lines: [...lines, `not played: ${results.length - played.length}`], isMet };
}

function shareOf(count: number, of: number): string {
  return `${count} of ${of} (${of === 0 ? 100 : Math.floor((1000 * count) / of) / 10} %)`;
}
