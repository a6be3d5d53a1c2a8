/**
 * The mapping file: which of a definition's resources are served by something else, and by what. The definition stays as it is.
 */
import { isJsonObject, type Json, type JsonObject, parseJson, parseResource, patternSuffix } from "../../values/mod.ts";
import { SettingInvalid, type SettingsFile } from "../settings.ts";

/** What serves a resource instead. */
export interface Target {
  readonly kind: "Worker" | "Nats" | "Http";
  /** A worker's resource, `nats:request:orders`, or a URL; `{Field}` stands for a parameter of the task. */
  readonly to: string;
  /** The parameter that is sent; absent: all of them. */
  readonly send?: string;
  /** The answer is the result as it is: it is not brought into the resource's form. */
  readonly isRaw: boolean;
}

const TARGETS_MAX = 10_000;
/** Resources whose target is remembered. */
const KNOWN_MAX = 1_000;
const CHARACTERS_MAX = 1_024;
const FIELD = /\{([A-Za-z]+)\}/g;
const fields = new Set(["to", "send", "raw"]);

/** Targets by resource. */
export class Mapping {
  readonly #exact = new Map<string, Target>();
  readonly #known = new Map<string, Target | undefined>();
  readonly #patterns: { readonly pattern: RegExp; readonly target: Target }[] = [];

  /** @throws {SettingInvalid} what is wrong, and where */
  constructor({ path, text }: SettingsFile) {
    const entries = Object.entries(objectOf(path, text));
    if (entries.length > TARGETS_MAX) throw new SettingInvalid(`"${path}" maps more than ${TARGETS_MAX} resources`);
    for (const [resource, value] of entries) {
      if (isEngines(resource)) {
        throw new SettingInvalid(`"${path}" maps "${resource}", which the engine alone can do`);
      }
      const target = targetOf(path, resource, value);
      if (resource.includes("*")) this.#patterns.push({ pattern: patternOf(resource), target });
      else this.#exact.set(resource, target);
    }
  }

  /** What serves the resource: named as it is, without its `.sync` or `.waitForTaskToken`, or by the first pattern that fits. */
  targetOf(resource: string): Target | undefined {
    if (this.#known.has(resource)) return this.#known.get(resource);
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    const target = isEngines(resource) ? undefined : this.#search(resource);
    this.#known.set(resource, target);
    return target;
  }

  #search(resource: string): Target | undefined {
    const suffix = Object.values(patternSuffix).find((one) => one !== "" && resource.endsWith(one)) ?? "";
    const plain = resource.slice(0, resource.length - suffix.length);
    return this.#exact.get(resource) ?? this.#exact.get(plain) ??
      this.#patterns.find(({ pattern }) => pattern.test(resource) || pattern.test(plain))?.target;
  }
}

/** Where a task goes: the target with the task's own parameters in it; `undefined` where it lacks one. */
export function filledTarget({ kind, to }: Target, parameters: JsonObject): string | undefined {
  let isWhole = true;
  const filled = to.replace(FIELD, (_whole, name: string) => {
    const value = parameters[name];
    if (typeof value !== "string" || value === "") isWhole = false;
    // An ARN stands for what it names.
    const text = String(value).split(/[:/]/).at(-1) ?? "";
    if (kind === "Nats" && !/^[A-Za-z0-9_-]+$/.test(text)) isWhole = false;
    return kind === "Http" ? encodeURIComponent(text) : text;
  });
  return isWhole ? filled : undefined;
}

/** Its tasks have children, or are the engine's own: nobody else can do them. */
function isEngines(text: string): boolean {
  const resource = parseResource(text);
  return resource.kind === "Engine" || (resource.kind === "Service" && resource.call === "states:startExecution");
}

function objectOf(path: string, text: string): JsonObject {
  let value: Json;
  try {
    value = parseJson(text);
  } catch (failure) {
    throw new SettingInvalid(`"${path}" is no JSON: ${failure instanceof Error ? failure.message : String(failure)}`);
  }
  if (!isJsonObject(value)) throw new SettingInvalid(`Expected "${path}" to be an object of targets by resource`);
  return value;
}

function targetOf(path: string, resource: string, value: Json): Target {
  const entry = typeof value === "string" ? { to: value } : isJsonObject(value) ? value : {};
  const { to, send, raw } = entry as JsonObject;
  const wrong = Object.keys(entry).find((name) => !fields.has(name));
  if (wrong !== undefined) throw new SettingInvalid(`"${path}" has an unknown field "${wrong}" for "${resource}"`);
  if (typeof to !== "string" || to === "" || to.length > CHARACTERS_MAX) {
    throw new SettingInvalid(`Expected "${path}" to say with "to" what serves "${resource}"`);
  }
  if (send !== undefined && typeof send !== "string") {
    throw new SettingInvalid(`Expected "send" of "${resource}" in "${path}" to be a parameter's name`);
  }
  return { ...addressOf(path, to), ...(send === undefined ? {} : { send }), isRaw: raw === true };
}

function addressOf(path: string, to: string): Pick<Target, "kind" | "to"> {
  if (to.startsWith("worker:") && to !== "worker:") return { kind: "Worker", to: to.slice("worker:".length) };
  if (/^nats:(request|publish):./.test(to)) return { kind: "Nats", to };
  if (/^https?:\/\//.test(to) && URL.canParse(to.replace(FIELD, "x")) && !/^https?:\/\/[^/]*\{/.test(to)) {
    return { kind: "Http", to };
  }
  throw new SettingInvalid(
    `Expected targets in "${path}" to be worker:{name}, nats:request:{subject}, nats:publish:{subject} or a URL, but one is "${to}"`,
  );
}

function patternOf(text: string): RegExp {
  const parts = text.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  // One star stands for one part of an ARN: matching stays linear.
  return new RegExp(`^${parts.join("[^:]*")}$`);
}
