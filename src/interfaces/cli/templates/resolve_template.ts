/**
 * What CloudFormation's intrinsic functions give, as far as definitions of state machines need it. Resources that nobody makes here get
 * the names and ARNs that they would have: those of their own properties, else their logical ids.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */
import { isJsonObject, type Json, type JsonObject } from "../../../values/mod.ts";
import { usageFailure } from "../output/failure.ts";

/** Where a template is put, and what its parameters are. */
export interface TemplateSettings {
  readonly account: string;
  readonly region: string;
  readonly stack: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const DEPTH_MAX = 100;

/** The property that names a resource, and what follows `arn:aws:{service}:{region}:{account}:`; by type. */
const named: Readonly<Record<string, readonly [property: string, service: string, prefix: string]>> = {
  "AWS::StepFunctions::StateMachine": ["StateMachineName", "states", "stateMachine:"],
  "AWS::Serverless::StateMachine": ["Name", "states", "stateMachine:"],
  "AWS::StepFunctions::Activity": ["Name", "states", "activity:"],
  "AWS::Lambda::Function": ["FunctionName", "lambda", "function:"],
  "AWS::Serverless::Function": ["FunctionName", "lambda", "function:"],
  "AWS::DynamoDB::Table": ["TableName", "dynamodb", "table/"],
  "AWS::Serverless::SimpleTable": ["TableName", "dynamodb", "table/"],
  "AWS::SQS::Queue": ["QueueName", "sqs", ""],
  "AWS::SNS::Topic": ["TopicName", "sns", ""],
  "AWS::Events::EventBus": ["Name", "events", "event-bus/"],
  "AWS::ECS::Cluster": ["ClusterName", "ecs", "cluster/"],
  "AWS::Batch::JobQueue": ["JobQueueName", "batch", "job-queue/"],
  "AWS::Batch::JobDefinition": ["JobDefinitionName", "batch", "job-definition/"],
};
/** Types whose `Ref` is their ARN. */
const refIsArn = new Set([
  "AWS::StepFunctions::StateMachine",
  "AWS::Serverless::StateMachine",
  "AWS::StepFunctions::Activity",
  "AWS::SNS::Topic",
  "AWS::Batch::JobQueue",
  "AWS::Batch::JobDefinition",
]);

/** A template with what its functions are resolved against. */
export class ResolvedTemplate {
  readonly resources: JsonObject;
  readonly #template: JsonObject;
  readonly #settings: TemplateSettings;

  constructor(template: JsonObject, settings: TemplateSettings) {
    this.#template = template;
    this.#settings = settings;
    this.resources = objectAt(template, "Resources");
  }

  /** A resource's name: that of its properties, or its logical id. */
  nameOf(id: string, depth = 0): string {
    const resource = objectAt(this.resources, id);
    const [property = "Name"] = named[String(resource["Type"])] ?? [];
    const given = objectAt(resource, "Properties")[property];
    return given === undefined ? id : textOf(this.resolve(given, depth + 1), `the name of "${id}"`);
  }

  /** The value with all functions in it resolved. `AWS::NoValue` leaves its member out. @throws {CliFailure} what cannot be known */
  resolve(value: Json, depth = 0): Json {
    if (depth > DEPTH_MAX) throw usageFailure("The template's references do not end");
    if (Array.isArray(value)) {
      return value.map((item) => this.resolve(item, depth + 1)).filter((item) => item !== undefined);
    }
    if (!isJsonObject(value)) return value;
    const [[name, argument] = ["", null], ...others] = Object.entries(value);
    if (others.length === 0) {
      const resolved = this.#function(name, argument ?? null, depth + 1);
      if (resolved !== undefined) return resolved.value;
    }
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, item]): [string, Json][] =>
        isNoValue(item) ? [] : [[key, this.resolve(item ?? null, depth + 1)]]
      ),
    );
  }

  #function(name: string, argument: Json, depth: number): { readonly value: Json } | undefined {
    const list = () => {
      const resolved = this.resolve(argument, depth);
      return Array.isArray(resolved) ? resolved : [resolved];
    };
    switch (name) {
      case "Ref":
        return { value: this.#ref(textOf(argument, "Ref"), depth) };
      case "Fn::GetAtt": {
        const path = typeof argument === "string" ? argument : list().map((part) => textOf(part, name)).join(".");
        return { value: this.#attribute(path, depth) };
      }
      case "Fn::Sub":
        return { value: this.#sub(argument, depth) };
      case "Fn::Join": {
        const [separator = "", parts = []] = list();
        const texts = Array.isArray(parts) ? parts.map((part) => textOf(part, name)) : [];
        return { value: texts.join(textOf(separator, name)) };
      }
      case "Fn::Select": {
        const [index = 0, items = []] = list();
        return { value: (Array.isArray(items) ? items[Number(index)] : undefined) ?? null };
      }
      case "Fn::Split": {
        const [separator = "", text = ""] = list();
        return { value: textOf(text, name).split(textOf(separator, name)) };
      }
      case "Fn::If": {
        const [condition = "", then = null, otherwise = null] = Array.isArray(argument) ? argument : [];
        return { value: this.resolve(this.#condition(condition, depth) ? then : otherwise, depth) };
      }
      case "Fn::FindInMap": {
        const [map = "", first = "", second = ""] = list().map((part) => textOf(part, name));
        const found = objectAt(objectAt(objectAt(this.#template, "Mappings"), map), first)[second];
        if (found === undefined) throw usageFailure(`The template has no mapping ${map}.${first}.${second}`);
        return { value: found };
      }
      case "Fn::ImportValue": {
        const export_ = textOf(this.resolve(argument, depth), name);
        const given = this.#settings.parameters[export_];
        if (given === undefined) throw usageFailure(`Say what another stack exports: --parameter ${export_}=VALUE`);
        return { value: given };
      }
      default:
        return undefined;
    }
  }

  #ref(id: string, depth: number): Json {
    if (id === "AWS::NoValue") return null;
    const { account, region, stack, parameters } = this.#settings;
    const pseudo: Readonly<Record<string, string>> = {
      "AWS::AccountId": account,
      "AWS::Region": region,
      "AWS::Partition": "aws",
      "AWS::StackName": stack,
      "AWS::StackId": `arn:aws:cloudformation:${region}:${account}:stack/${stack}/local`,
      "AWS::URLSuffix": "amazonaws.com",
    };
    if (Object.hasOwn(pseudo, id)) return pseudo[id] ?? "";
    if (Object.hasOwn(parameters, id)) return parameters[id] ?? "";
    const declared = objectAt(this.#template, "Parameters");
    if (Object.hasOwn(declared, id)) {
      const preset = objectAt(declared, id)["Default"];
      if (preset === undefined) {
        throw usageFailure(`The template's parameter "${id}" has no default: --parameter ${id}=VALUE`);
      }
      return preset;
    }
    if (!Object.hasOwn(this.resources, id)) {
      throw usageFailure(`The template refers to "${id}", which it does not have`);
    }
    const type = String(objectAt(this.resources, id)["Type"]);
    const name = this.nameOf(id, depth);
    if (type === "AWS::SQS::Queue") return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
    return refIsArn.has(type) ? this.#arn(id, depth) : name;
  }

  #arn(id: string, depth: number): string {
    const { account, region } = this.#settings;
    const type = String(objectAt(this.resources, id)["Type"]);
    const name = this.nameOf(id, depth);
    if (type === "AWS::IAM::Role") return `arn:aws:iam::${account}:role/${name}`;
    if (type === "AWS::S3::Bucket") return `arn:aws:s3:::${name}`;
    const [, service = type.split("::")[1]?.toLowerCase() ?? "", prefix = ""] = named[type] ?? [];
    return `arn:aws:${service}:${region}:${account}:${prefix}${name}`;
  }

  #attribute(path: string, depth: number): Json {
    const [id = "", ...rest] = path.split(".");
    const attribute = rest.join(".");
    if (!Object.hasOwn(this.resources, id)) {
      throw usageFailure(`The template refers to "${id}", which it does not have`);
    }
    if (attribute.endsWith("Arn")) return this.#arn(id, depth);
    if (attribute.endsWith("Name")) return this.nameOf(id, depth);
    if (attribute === "QueueUrl" || attribute === "Ref") return this.#ref(id, depth);
    return `${this.nameOf(id, depth)}.${attribute}`;
  }

  #sub(argument: Json, depth: number): string {
    const [text, own] = Array.isArray(argument) ? [argument[0], argument[1]] : [argument, undefined];
    const variables = own !== undefined && isJsonObject(own) ? own : {};
    return textOf(text ?? "", "Fn::Sub").replace(/\$\{(!?)([^}]*)\}/g, (_whole, literal: string, name: string) => {
      if (literal !== "") return `\${${name}}`;
      const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (variable !== undefined) return textOf(this.resolve(variable, depth), "Fn::Sub");
      return textOf(name.includes(".") ? this.#attribute(name, depth) : this.#ref(name, depth), "Fn::Sub");
    });
  }

  #condition(condition: Json, depth: number): boolean {
    if (depth > DEPTH_MAX) throw usageFailure("The template's conditions do not end");
    if (typeof condition === "string") {
      const declared = objectAt(this.#template, "Conditions")[condition];
      if (declared === undefined) throw usageFailure(`The template has no condition "${condition}"`);
      return this.#condition(declared, depth + 1);
    }
    const [[name = "", argument = null] = []] = isJsonObject(condition) ? Object.entries(condition) : [];
    const all = Array.isArray(argument) ? argument : [argument];
    switch (name) {
      case "Condition":
        return this.#condition(argument, depth + 1);
      case "Fn::Not":
        return !this.#condition(all[0] ?? null, depth + 1);
      case "Fn::And":
        return all.every((one) => this.#condition(one, depth + 1));
      case "Fn::Or":
        return all.some((one) => this.#condition(one, depth + 1));
      case "Fn::Equals": {
        const [left, right] = all.map((one) => JSON.stringify(this.resolve(one, depth + 1)));
        return left === right;
      }
      default:
        throw usageFailure(`The template has a condition that is none: "${name}"`);
    }
  }

  /** False where the resource has a condition that does not hold. */
  isThere(id: string): boolean {
    const condition = objectAt(this.resources, id)["Condition"];
    return condition === undefined || this.#condition(condition, 0);
  }
}

function isNoValue(value: Json | undefined): boolean {
  return value !== undefined && isJsonObject(value) && value["Ref"] === "AWS::NoValue";
}

/** The member of this name as an object; `{}` where it is none. */
export function objectAt(value: JsonObject, name: string): JsonObject {
  const member = Object.hasOwn(value, name) ? value[name] : undefined;
  return member !== undefined && isJsonObject(member) ? member : {};
}

/** A text, number or truth value as text. @throws {CliFailure} anything else */
export function textOf(value: Json, where: string): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  throw usageFailure(`Expected ${where} to come to a text`);
}
