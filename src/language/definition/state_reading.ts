/** What the readers of the state types share: the state's fields, its language, and the compilers that depend on it. */
import { isJsonObject, type Json } from "../../values/mod.ts";
import { compilePayloadTemplate } from "../templates/payload_template.ts";
import type { Readable } from "../templates/jsonata_references.ts";
import { compileJsonataField, compileJsonataTemplate } from "../templates/jsonata_template.ts";
import type { JsonataType } from "../templates/jsonata_expression.ts";
import type { Compiled, MachineType, QueryLanguage, SubMachine } from "../types.ts";
import type { Fields } from "./fields.ts";

/** A place that names the state to go to. */
export interface Target {
  readonly name: string;
  readonly location: string;
}

/** Characters of a variable's name. */
const NAME_CHARACTERS_MAX = 80;
/** A letter first, then letters, digits and `_`. */
const variableName = /^\p{ID_Start}\p{ID_Continue}{0,79}$/u;

/** What the states of a branch or an item processor live in. */
export interface InnerStates {
  /** They see the variables of the states around them. */
  readonly readsOuter: boolean;
  readonly machineType: MachineType;
}

/** One state being read. */
export class StateReading {
  readonly fields: Fields;
  readonly language: QueryLanguage;
  readonly machineType: MachineType;
  /** Where this state may go to, as found so far. */
  readonly targets: Target[] = [];
  readonly #readSubMachine: (fields: Fields, inner: InnerStates) => SubMachine;

  constructor(
    fields: Fields,
    language: QueryLanguage,
    machineType: MachineType,
    readSubMachine: (fields: Fields, inner: InnerStates) => SubMachine,
  ) {
    this.fields = fields;
    this.language = language;
    this.machineType = machineType;
    this.#readSubMachine = readSubMachine;
  }

  target(name: string, location: string): void {
    this.targets.push({ name, location });
  }

  /** `StartAt` and `States` of a branch or an item processor. */
  subMachine(fields: Fields, inner: InnerStates): SubMachine {
    return this.#readSubMachine(fields, inner);
  }

  /**
   * A template in the state's language. `field` is its name in causes, such as `Output` or `Catch[0]/Output`; `readable` is what
   * of `$states` it may read.
   */
  template(source: Json, field: string, location: string, readable: Readable = {}): Compiled {
    const { findings } = this.fields;
    return this.language === "JSONPath"
      ? compilePayloadTemplate(source, location, findings)
      : compileJsonataTemplate(source, { field, location, readable, findings });
  }

  /** A field that is a template, `undefined` where it is absent. */
  templateAt(name: string, readable: Readable = {}): Compiled | undefined {
    const source = this.fields.value(name);
    return source === undefined ? undefined : this.template(source, name, this.fields.at(name), readable);
  }

  /** An expression of JSONata of one type. `field` is its name in causes. */
  expression(source: Json, type: JsonataType, field: string, location: string = this.fields.at(field)): Compiled {
    return compileJsonataField(source, type, { field, location, readable: {}, findings: this.fields.findings });
  }

  /** `Assign` of a state, a rule or a catcher. */
  assign(fields: Fields, field: string, readable: Readable = {}): Compiled | undefined {
    const source = fields.value("Assign");
    if (source === undefined) return undefined;
    if (!isJsonObject(source)) {
      fields.findings.schema(fields.at("Assign"), "Expected value of type [OBJECT]");
      return undefined;
    }
    for (const key of Object.keys(source)) {
      const name = this.language === "JSONPath" && key.endsWith(".$") ? key.slice(0, -2) : key;
      this.#declare(name, `${fields.at("Assign")}/${key}`);
    }
    return this.template(source, field, fields.at("Assign"), readable);
  }

  #declare(name: string, location: string): void {
    const { findings } = this.fields;
    if (name === "states") {
      findings.error("RESERVED_VARIABLE_NAME", location, "Cannot assign to reserved variable '$states'.");
    } else if (!variableName.test(name)) {
      const reason = name.length > NAME_CHARACTERS_MAX ? "is too long" : "contains invalid characters";
      findings.error(
        "INVALID_VARIABLE_NAME",
        location,
        `Invalid variable name '${name}': the variable name ${reason}.`,
      );
    } else {
      findings.variables.assigns(name, location);
    }
  }
}
