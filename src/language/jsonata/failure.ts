/**
 * How an evaluation says that it cannot go on.
 *
 * Inside the evaluator a failure is thrown, since it may come from any depth of a user's expression; `mod.ts` catches it and
 * hands out a `Result`. Nothing but {@link JsonataFailure} is thrown on purpose, and it carries no stack: making one is cheap.
 *
 * Codes and wording are those of JSONata's reference implementation (jsonata 2.2.2), which Step Functions repeats in its causes.
 * Failures of a bound (see `limits.ts`) have `isLimit` set: Step Functions names no code for those, and has three texts for them.
 */

/** What a message template may quote. */
export interface FailureFields {
  readonly token?: string | undefined;
  readonly value?: unknown;
  readonly value2?: unknown;
  readonly index?: number | undefined;
  readonly type?: string | undefined;
  readonly exp?: number | undefined;
  /** The whole message, for `$error` and `$assert`. */
  readonly message?: string | undefined;
  readonly functionName?: string | undefined;
}

/** What Step Functions says of a value that grew too long, too deep or too large. */
const MEMORY_EXCEEDED = "Expression evaluation memory limit exceeded: Check for excessive memory usage";

const templates: Readonly<Record<string, string>> = {
  T0410: "Argument {{index}} of function {{token}} does not match function signature",
  T0411: "Context value is not a compatible type with argument {{index}} of function {{token}}",
  T0412: "Argument {{index}} of function {{token}} must be an array of {{type}}",
  D1001: "Number out of range: {{value}}",
  D1002: "Cannot negate a non-numeric value: {{value}}",
  T1003: "Key in object structure must evaluate to a string; got: {{value}}",
  D1004: "Regular expression matches zero length string",
  T1005: "Attempted to invoke a non-function. Did you mean ${{{token}}}?",
  T1006: "Attempted to invoke a non-function",
  T1007: "Attempted to partially apply a non-function. Did you mean ${{{token}}}?",
  T1008: "Attempted to partially apply a non-function",
  D1009: "Multiple key definitions evaluate to same key: {{value}}",
  T1010: "The matcher function argument passed to function {{token}} does not return the correct object structure",
  D1011: "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive",
  D1012: "Expression evaluation timeout: Check for infinite loop",
  T2001: "The left side of the {{token}} operator must evaluate to a number",
  T2002: "The right side of the {{token}} operator must evaluate to a number",
  T2003: "The left side of the range operator (..) must evaluate to an integer",
  T2004: "The right side of the range operator (..) must evaluate to an integer",
  T2006: "The right side of the function application operator ~> must be a function",
  T2007: "Type mismatch when comparing values {{value}} and {{value2}} in order-by clause",
  T2008: "The expressions within an order-by clause must evaluate to numeric or string values",
  T2009: "The values {{value}} and {{value2}} either side of operator {{token}} must be of the same data type",
  T2010: "The expressions either side of operator {{token}} must evaluate to numeric or string values",
  T2011: "The insert/update clause of the transform expression must evaluate to an object: {{value}}",
  T2012: "The delete clause of the transform expression must evaluate to a string or array of strings: {{value}}",
  T2013:
    "The transform expression clones the input object using the $clone() function.  This has been overridden in the current scope by a non-function.",
  D2014:
    "The size of the sequence allocated by the range operator (..) must not exceed 1e7.  Attempted to allocate {{value}}.",
  D2015: MEMORY_EXCEEDED,
  D2016: MEMORY_EXCEEDED,
  D2017: MEMORY_EXCEEDED,
  D2018: MEMORY_EXCEEDED,
  D3001: "Attempting to invoke string function on Infinity or NaN",
  D3010: "Second argument of replace function cannot be an empty string",
  D3011: "Fourth argument of replace function must evaluate to a positive number",
  D3012: "Attempted to replace a matched string with a non-string value",
  D3020: "Third argument of split function must evaluate to a positive number",
  D3030: "Unable to cast value to a number: {{value}}",
  D3040: "Third argument of match function must evaluate to a positive number",
  D3050: "The second argument of reduce function must be a function with at least two arguments",
  D3060: "The sqrt function cannot be applied to a negative number: {{value}}",
  D3061:
    "The power function has resulted in a value that cannot be represented as a JSON number: base={{value}}, exponent={{exp}}",
  D3070:
    "The single argument form of the sort function can only be applied to an array of strings or an array of numbers.  Use the second argument to specify a comparison function",
  D3080: "The picture string must only contain a maximum of two sub-pictures",
  D3081: "The sub-picture must not contain more than one instance of the 'decimal-separator' character",
  D3082: "The sub-picture must not contain more than one instance of the 'percent' character",
  D3083: "The sub-picture must not contain more than one instance of the 'per-mille' character",
  D3084: "The sub-picture must not contain both a 'percent' and a 'per-mille' character",
  D3085:
    "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a member of the 'decimal digit family'",
  D3086:
    "The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character",
  D3087:
    "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character",
  D3088: "The sub-picture must not contain a 'grouping-separator' at the end of the integer part",
  D3089: "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character",
  D3090:
    "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an instance of the 'optional digit character'",
  D3091:
    "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed by a member of the 'decimal digit family'",
  D3092:
    "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an 'exponent-separator'",
  D3093:
    "The exponent part of the sub-picture must comprise only of one or more characters that are members of the 'decimal digit family'",
  D3094: "The sub-picture must not ask for more than 100 digits in the fractional part",
  D3100: "The radix of the formatBase function must be between 2 and 36.  It was given {{value}}",
  D3110: "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {{value}}",
  D3130:
    "Formatting or parsing an integer as a sequence starting with {{value}} is not supported by this implementation",
  D3131: "In a decimal digit pattern, all digits must be from the same decimal group",
  D3132: "Unknown component specifier {{value}} in date/time picture string",
  D3133: "The 'name' modifier can only be applied to months and days in the date/time picture string, not {{value}}",
  D3134: "The timezone integer format specifier cannot have more than four digits",
  D3135: "No matching closing bracket ']' in date/time picture string",
  D3136: "The date/time picture string is missing specifiers required to parse the timestamp",
  D3137: "{{{message}}}",
  D3138: "The $single() function expected exactly 1 matching result.  Instead it matched more.",
  D3139: "The $single() function expected exactly 1 matching result.  Instead it matched 0.",
  D3140: "Malformed URL passed to ${{{functionName}}}(): {{value}}",
  D3141: "{{{message}}}",
  D3155: "Number or date/time out of range for the picture string: {{value}}",
  D3161: "The transform expression can only change objects, but its pattern matched {{value}}",
  D3160: "The expression evaluates to a function, which JSON cannot represent",
};

const limitCodes: ReadonlySet<string> = new Set(["D1011", "D1012", "D2015", "D2016", "D2017", "D2018"]);

/** Quoted values stay readable, however large the value is. */
const QUOTED_CHARACTERS_MAX = 200;

/** Thrown within the evaluator, caught in `mod.ts`; the message is made only when it is asked for. */
export class JsonataFailure {
  readonly code: string;
  readonly fields: FailureFields;

  constructor(code: string, fields: FailureFields) {
    this.code = code;
    this.fields = fields;
  }

  get isLimit(): boolean {
    return limitCodes.has(this.code);
  }

  get message(): string {
    const fields = this.fields as Readonly<Record<string, unknown>>;
    const template = templates[this.code] ?? this.code;
    return template
      .replace(/\{\{\{([a-zA-Z0-9]+)\}\}\}/g, (_, name: string) => String(fields[name]))
      .replace(/\{\{([a-zA-Z0-9]+)\}\}/g, (_, name: string) => quote(fields[name], 0));
  }
}

/** Makes the failure to be thrown: `throw fail("T2001", { token: "+" })`. */
export function fail(code: string, fields: FailureFields = {}): JsonataFailure {
  return new JsonataFailure(code, fields);
}

/** JSON of a value for a message, cut short: never more than a few hundred characters of work. */
function quote(value: unknown, depth: number): string {
  if (value === undefined) return "undefined";
  if (typeof value === "string") {
    return JSON.stringify(value.length > QUOTED_CHARACTERS_MAX ? `${value.slice(0, QUOTED_CHARACTERS_MAX)}…` : value);
  }
  if (typeof value === "number") return String(value);
  if (value === null || typeof value !== "object") return String(value);
  if (depth > 3) return "…";
  if (Array.isArray(value)) {
    const items = value.slice(0, 5).map((item) => quote(item, depth + 1));
    return `[${items.join(",")}${value.length > 5 ? ",…" : ""}]`;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return '""';
  const entries: string[] = [];
  for (const key of Object.keys(value).slice(0, 5)) {
    entries.push(`${quote(key, depth)}:${quote((value as Record<string, unknown>)[key], depth + 1)}`);
  }
  return `{${entries.join(",")}}`;
}
