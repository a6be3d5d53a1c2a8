/** Which of AWS's services tasks may call, where they are, and by whose keys. Off unless somebody says so. */
import { present } from "../../values/mod.ts";
import { type Environment, SettingInvalid, urlSetting } from "../settings.ts";

/** The door to AWS's services. */
export interface AwsDoor {
  /** By the names that they have in `aws-sdk` resources; absent: every service that has an endpoint here, all of them where `endpoint` is set. */
  readonly services?: "all" | readonly string[];
  /** Of every service that has none of its own here. Absent: AWS's. */
  readonly endpoint?: string;
  /** By the service's name: `dynamodb`, `secretsmanager`. */
  readonly endpoints?: Readonly<Record<string, string>>;
  readonly region: string;
  /** Absent: as AWS's SDK finds them. Secret. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** Settings of AWS's services. */
export interface AwsSettings {
  /** Absent: tasks of AWS's services go to workers by their resource. */
  readonly aws?: AwsDoor;
}

const ENDPOINT = "AWS_ENDPOINT_URL";
/** What says that the SDK will find keys by itself. */
const OTHER_KEYS = [
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];
/** Keys that local servers take from anybody. */
const LOCAL_KEYS = { accessKeyId: "test", secretAccessKey: "test" };

/** As the environment says. @throws {SettingInvalid} */
export function awsSettings({ env }: Pick<Environment, "env">): AwsSettings {
  const services = servicesSetting(env["WEFT_AWS"]);
  if (services === "off") return {};
  const endpoint = urlSetting(ENDPOINT, env[ENDPOINT]);
  const endpoints = ownEndpoints(env);
  const isSet = endpoint !== undefined || Object.keys(endpoints).length > 0;
  if (services === undefined && !isSet) return {};
  const accessKeyId = env["AWS_ACCESS_KEY_ID"] ?? "";
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"] ?? "";
  const sessionToken = env["AWS_SESSION_TOKEN"];
  const hasOthers = OTHER_KEYS.some((name) => (env[name] ?? "") !== "");
  const credentials = accessKeyId !== "" && secretAccessKey !== ""
    ? { accessKeyId, secretAccessKey, ...present({ sessionToken }) }
    : isSet && services === undefined && !hasOthers
    ? LOCAL_KEYS
    : undefined;
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  return { aws: { region, endpoints, ...present({ services, endpoint, credentials }) } };
}

/** True where tasks may call the service of this name. */
export function isOpen({ services, endpoint, endpoints = {} }: AwsDoor, service: string): boolean {
  if (services !== undefined) return services === "all" || services.includes(service);
  return endpoint !== undefined || Object.hasOwn(endpoints, service);
}

/** The service's endpoint; `undefined`: AWS's own. */
export function endpointOf({ endpoint, endpoints = {} }: AwsDoor, service: string): string | undefined {
  return Object.hasOwn(endpoints, service) ? endpoints[service] : endpoint;
}

function servicesSetting(text = ""): AwsDoor["services"] | "off" {
  const listed = text.split(",").map((name) => name.trim().toLowerCase()).filter((name) => name !== "");
  if (listed.length === 0) return undefined;
  if (listed.includes("off")) return "off";
  if (listed.includes("*")) return "all";
  const wrong = listed.find((name) => !/^[a-z0-9-]+$/.test(name));
  if (wrong === undefined) return listed.map((name) => name.replaceAll("-", ""));
  throw new SettingInvalid(`Expected WEFT_AWS to be "*", "off" or names of services, but "${wrong}" is none`);
}

/** `AWS_ENDPOINT_URL_SECRETS_MANAGER` is that of `secretsmanager`. The one of Step Functions is Weft's own. */
function ownEndpoints(env: Environment["env"]): Readonly<Record<string, string>> {
  const prefix = `${ENDPOINT}_`;
  return Object.fromEntries(
    namesOf(env).flatMap((name) => {
      const url = name.startsWith(prefix) && name !== `${prefix}SFN` ? urlSetting(name, env[name]) : undefined;
      return url === undefined ? [] : [[name.slice(prefix.length).replaceAll("_", "").toLowerCase(), url]];
    }),
  );
}

/** Where only single variables may be read there is no list of them. */
function namesOf(env: Environment["env"]): readonly string[] {
  try {
    return Object.keys(env);
  } catch {
    return [];
  }
}
