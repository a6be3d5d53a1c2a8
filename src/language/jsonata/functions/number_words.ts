/** Numbers as English words, Roman numerals and letters, in both directions. */

const few = (
  "Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen Seventeen " +
  "Eighteen Nineteen"
).split(" ");
const fewOrdinals = (
  "Zeroth First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth Eleventh Twelfth Thirteenth Fourteenth " +
  "Fifteenth Sixteenth Seventeenth Eighteenth Nineteenth"
).split(" ");
const tens = "Twenty Thirty Forty Fifty Sixty Seventy Eighty Ninety".split(" ");
const magnitudes = ["Thousand", "Million", "Billion", "Trillion"];

/** A whole number, 0 or more, in words with capitals: `One Hundred and Twenty-First`. */
export function numberToWords(value: number, ordinal: boolean): string {
  return words(value, false, ordinal);
}

/** `follows`: words for something larger stand before. */
function words(value: number, follows: boolean, ordinal: boolean): string {
  if (value < 100) return (follows ? " and " : "") + belowHundred(value, ordinal);
  const separator = follows ? ", " : "";
  if (value < 1000) {
    return separator + few[Math.floor(value / 100)] + " Hundred" + remainder(value % 100, ordinal);
  }
  // Beyond trillions the number of trillions is written out.
  const magnitude = Math.min(Math.floor(Math.log10(value) / 3), magnitudes.length);
  const factor = 10 ** (magnitude * 3);
  const count = Math.floor(value / factor);
  const rest = value - count * factor;
  return separator + words(count, false, false) + " " + magnitudes[magnitude - 1] + remainder(rest, ordinal);
}

function remainder(value: number, ordinal: boolean): string {
  if (value > 0) return words(value, true, ordinal);
  return ordinal ? "th" : "";
}

function belowHundred(value: number, ordinal: boolean): string {
  if (value <= 19) return (ordinal ? fewOrdinals : few)[value] ?? "";
  const word = tens[Math.floor(value / 10) - 2] ?? "";
  if (value % 10 > 0) return `${word}-${belowHundred(value % 10, ordinal)}`;
  return ordinal ? `${word.slice(0, -1)}ieth` : word;
}

function wordValuesOf(): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const [value, word] of [...few.entries(), ...fewOrdinals.entries()]) values.set(word.toLowerCase(), value);
  for (const [index, word] of [...tens, "Hundred"].entries()) {
    const lower = word.toLowerCase();
    values.set(lower, (index + 2) * 10);
    values.set(`${lower.slice(0, -1)}ieth`, (index + 2) * 10);
  }
  values.set("hundredth", 100);
  for (const [index, word] of magnitudes.entries()) {
    const value = 10 ** ((index + 1) * 3);
    values.set(word.toLowerCase(), value);
    values.set(`${word.toLowerCase()}th`, value);
  }
  return values;
}

/** Values of lower-case words, cardinal and ordinal. */
export const wordValues = wordValuesOf();

/** The number that lower-case words stand for; NaN when one of them is not known. */
export function wordsToNumber(text: string): number {
  const segments = [0];
  for (const word of text.split(/,\s|\sand\s|[\s\\-]/)) {
    const value = wordValues.get(word) ?? NaN;
    const top = segments.pop() ?? 0;
    if (value < 100) {
      if (top >= 1000) segments.push(top, value);
      else segments.push(top + value);
    } else {
      segments.push(top * value);
    }
  }
  return segments.reduce((total, segment) => total + segment, 0);
}

const romanNumerals: readonly (readonly [value: number, numeral: string])[] = [
  [1000, "m"],
  [900, "cm"],
  [500, "d"],
  [400, "cd"],
  [100, "c"],
  [90, "xc"],
  [50, "l"],
  [40, "xl"],
  [10, "x"],
  [9, "ix"],
  [5, "v"],
  [4, "iv"],
  [1, "i"],
];

const romanDigits: Readonly<Record<string, number>> = { M: 1000, D: 500, C: 100, L: 50, X: 10, V: 5, I: 1 };

/** Lower-case Roman numerals; as long as a thousandth of the number. */
export function toRoman(value: number): string {
  let roman = "";
  let rest = value;
  for (const [step, numeral] of romanNumerals) {
    const count = Math.floor(rest / step);
    roman += numeral.repeat(count);
    rest -= count * step;
  }
  return roman;
}

/** The value of upper-case Roman numerals. */
export function fromRoman(roman: string): number {
  let value = 0;
  let largest = 1;
  for (let index = roman.length - 1; index >= 0; index--) {
    const digit = romanDigits[roman.charAt(index)] ?? NaN;
    if (digit < largest) {
      value -= digit;
    } else {
      largest = digit;
      value += digit;
    }
  }
  return value;
}

/** As columns of a spreadsheet are named; `first` is `a` or `A`. */
export function toLetters(value: number, first: string): string {
  let letters = "";
  for (let rest = value; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode((rest - 1) % 26 + first.charCodeAt(0)) + letters;
  }
  return letters;
}

/** The number of a spreadsheet's column. */
export function fromLetters(letters: string, first: string): number {
  let value = 0;
  for (let index = 0; index < letters.length; index++) {
    value += (letters.charCodeAt(letters.length - index - 1) - first.charCodeAt(0) + 1) * 26 ** index;
  }
  return value;
}
