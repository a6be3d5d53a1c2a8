import { type AwsFailure, awsFailure } from "../../../aws/mod.ts";
/**
 * Shapes of requests: what each member must be, and AWS's words when it is not.
 *
 * A wrong JSON type ends the reading (`SerializationException`); broken constraints are all collected
 * (`ValidationException`, "2 validation errors detected: …"), as AWS's services do.
 */
import { Result } from "effect";

/** What is wrong with a request, as it is found. */
interface Problems {
  readonly constraints: string[];
  wrongType: string | undefined;
}

/** Reads one value that is there. */
interface Reader<T> {
  read(value: unknown, place: string, problems: Problems): T;
  /** As Java prints it, in messages about the whole. */
  print(value: T): string;
}

/** A member of a structure. */
export interface Member<T, Required extends boolean> {
  readonly reader: Reader<T>;
  readonly required: Required;
}

type Members = Readonly<Record<string, Member<unknown, boolean>>>;
type Given<M extends Members> =
  & { readonly [K in keyof M as M[K]["required"] extends true ? K : never]: ValueOf<M[K]> }
  & { readonly [K in keyof M as M[K]["required"] extends true ? never : K]?: ValueOf<M[K]> };
type ValueOf<M> = M extends Member<infer T, boolean> ? T : never;

/** The shape of an operation's request. */
export interface Shape<T> {
  /** Checks a parsed request body. */
  readonly read: (body: unknown) => Result.Result<T, AwsFailure>;
}

/** What a shape's request holds. */
export type Request<S> = S extends Shape<infer T> ? T : never;

/** A member that must be there. */
export function required<T>(reader: Reader<T>): Member<T, true> {
  return { reader, required: true };
}

/** A member that may be absent. */
export function optional<T>(reader: Reader<T>): Member<T, false> {
  return { reader, required: false };
}

interface TextBounds {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  /** The value is not repeated in messages. */
  readonly sensitive?: true;
}

/** A string. `pattern` is printed as its source. */
export function text({ min, max, pattern, sensitive }: TextBounds = {}): Reader<string> {
  return {
    print: String,
    read: (value, place, problems) => {
      if (typeof value !== "string") return wrongType(value, "String", problems, "");
      const shown = sensitive ? "" : ` '${value}'`;
      const broken = (constraint: string) => problems.constraints.push(failed(shown, place, constraint));
      if (max !== undefined && value.length > max) broken(`Member must have length less than or equal to ${max}`);
      if (min !== undefined && value.length < min) broken(`Member must have length greater than or equal to ${min}`);
      if (pattern !== undefined && !pattern.test(value)) {
        broken(`Member must satisfy regular expression pattern: ${pattern.source}`);
      }
      return value;
    },
  };
}

/** One of these words. */
export function word<const W extends string>(words: readonly W[]): Reader<W> {
  return {
    print: String,
    read: (value, place, problems) => {
      if (typeof value !== "string") return wrongType(value, "String", problems, words[0] as W);
      const found = words.find((one) => one === value);
      if (found !== undefined) return found;
      problems.constraints.push(
        failed(` '${value}'`, place, `Member must satisfy enum value set: [${words.join(", ")}]`),
      );
      return words[0] as W;
    },
  };
}

/** A number; whole unless `fraction`. */
export function number(
  { min, max, fraction = false }: { readonly min?: number; readonly max?: number; readonly fraction?: boolean },
): Reader<number> {
  return {
    print: String,
    read: (value, place, problems) => {
      if (typeof value !== "number" || (!fraction && !Number.isSafeInteger(value))) {
        return wrongType(value, fraction ? "Float" : "Integer", problems, 0);
      }
      const broken = (constraint: string) => problems.constraints.push(failed(` '${value}'`, place, constraint));
      if (max !== undefined && value > max) broken(`Member must have value less than or equal to ${max}`);
      if (min !== undefined && value < min) broken(`Member must have value greater than or equal to ${min}`);
      return value;
    },
  };
}

/** True or false. */
export const flag: Reader<boolean> = {
  print: String,
  read: (value, _place, problems) => typeof value === "boolean" ? value : wrongType(value, "Boolean", problems, false),
};

/** A list of values of one kind. */
export function list<T>(
  item: Reader<T>,
  { min, max }: { readonly min?: number; readonly max?: number } = {},
): Reader<readonly T[]> {
  const print = (values: readonly T[]) => `[${values.map(item.print).join(", ")}]`;
  return {
    print,
    read: (value, place, problems) => {
      if (!Array.isArray(value)) return wrongType(value, "List", problems, []);
      const before = problems.constraints.length;
      const items = value.map((one, index) => item.read(one, `${place}.${index + 1}.member`, problems));
      if (problems.wrongType !== undefined) return items;
      const broken = (constraint: string) =>
        problems.constraints.splice(before, 0, failed(` '${print(items)}'`, place, constraint));
      if (max !== undefined && items.length > max) broken(`Member must have length less than or equal to ${max}`);
      if (min !== undefined && items.length < min) broken(`Member must have length greater than or equal to ${min}`);
      return items;
    },
  };
}

/** A structure inside a request. @param javaName its name in messages about the list it stands in */
export function structure<const M extends Members>(javaName: string, members: M): Reader<Given<M>> {
  return {
    print: (value) => {
      const given: { readonly [name: string]: unknown } = value;
      const fields = Object.entries(members).flatMap(([name, { reader }]) =>
        given[name] === undefined ? [] : [`${name}=${reader.print(given[name])}`]
      );
      return `${javaName}(${fields.join(", ")})`;
    },
    read: (value, place, problems) => {
      const read: Record<string, unknown> = {};
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        problems.wrongType ??= `Unexpected ${jsonType(value)} where a structure was expected`;
        return read as Given<M>;
      }
      const given = new Map(Object.entries(value));
      for (const [name, { reader, required: isRequired }] of Object.entries(members)) {
        const at = place === "" ? name : `${place}.${name}`;
        const member: unknown = given.get(name) ?? undefined;
        if (member !== undefined) read[name] = reader.read(member, at, problems);
        else if (isRequired) problems.constraints.push(failed(" null", at, "Member must not be null"));
      }
      return read as Given<M>;
    },
  };
}

/** The shape of a whole request. Members that it does not know are passed over, as AWS does. */
export function shape<const M extends Members>(members: M): Shape<Given<M>> {
  const reader = structure("Request", members);
  return {
    read: (body) => {
      const problems: Problems = { constraints: [], wrongType: undefined };
      const read = reader.read(body, "", problems);
      if (problems.wrongType !== undefined) {
        return Result.fail(awsFailure("SerializationException", problems.wrongType));
      }
      const { constraints } = problems;
      if (constraints.length === 0) return Result.succeed(read);
      const count = `${constraints.length} validation error${constraints.length > 1 ? "s" : ""} detected`;
      return Result.fail(awsFailure("ValidationException", `${count}: ${constraints.join("; ")}`));
    },
  };
}

function failed(shownValue: string, place: string, constraint: string): string {
  return `Value${shownValue} at '${place}' failed to satisfy constraint: ${constraint}`;
}

function wrongType<T>(value: unknown, wanted: string, problems: Problems, instead: T): T {
  problems.wrongType ??= `${jsonType(value)} can not be converted to ${wanted === "Integer" ? "an" : "a"} ${wanted}`;
  return instead;
}

function jsonType(value: unknown): string {
  if (value === null) return "NULL_VALUE";
  if (Array.isArray(value)) return "START_ARRAY";
  switch (typeof value) {
    case "string":
      return "STRING_VALUE";
    case "number":
      return Number.isInteger(value) ? "NUMBER_VALUE" : "DECIMAL_VALUE";
    case "boolean":
      return value ? "TRUE_VALUE" : "FALSE_VALUE";
    default:
      return "START_OBJECT";
  }
}
