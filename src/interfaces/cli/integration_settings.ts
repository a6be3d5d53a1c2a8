/** What a server does tasks with by itself, as the environment says. */
import type { CliIo } from "./io.ts";
import { usageFailure } from "./failure.ts";
import { present } from "../../values/mod.ts";

/** A settings file as it was read. */
export interface SettingsFile {
  /** As the user gave it: for messages. */
  readonly path: string;
  readonly text: string;
}

/** Keys of AWS, or of what stands in for it. */
export interface AwsKeys {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What a server does tasks with by itself; where something is absent, such tasks go to workers by their resource. */
export interface IntegrationSettings {
  /** `http://host:port` of a Lambda Invoke API. */
  readonly lambdaEndpoint?: string;
  /** Functions are called with these keys. Secret. */
  readonly lambdaKeys?: AwsKeys;
  /** Credentials of HTTP endpoints, by the ARN of their connection. Secret. */
  readonly httpConnections?: SettingsFile;
  /** Internal networks that HTTP tasks may reach all the same: hosts, addresses, `address/bits`, or `*`. */
  readonly httpInternal?: readonly string[];
  /** Step Functions Local's mock configuration. */
  readonly mockConfig?: SettingsFile;
  /** What Map Runs read items from and write results to. */
  readonly objects?: ObjectSettings;
}

/** Where objects are, besides the NATS object store. */
export interface ObjectSettings {
  readonly s3?: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    /** Secret. */
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** A folder: each folder in it is a bucket. */
  readonly folder?: string;
}

/** The settings from the environment, if it has any. @throws {CliFailure} one that cannot be: it names the variable */
export async function integrationSettings(
  io: CliIo,
): Promise<{ readonly integrations?: IntegrationSettings }> {
  const { env } = io;
  const lambdaEndpoint = urlFrom("LAMBDA_ENDPOINT", env["LAMBDA_ENDPOINT"]);
  const internal = (env["WEFT_HTTP_INTERNAL"] ?? "").split(",").map((text) => text.trim()).filter((text) =>
    text !== ""
  );
  const fileFrom = async (name: string, path: string | undefined): Promise<SettingsFile | undefined> => {
    if (path === undefined || path === "") return undefined;
    try {
      return { path, text: await io.readTextFile(path) };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw usageFailure(`Cannot read the file "${path}" that ${name} names: ${reason}`);
    }
  };
  const httpConnections = await fileFrom("WEFT_HTTP_CONNECTIONS", env["WEFT_HTTP_CONNECTIONS"]);
  const mockConfig = await fileFrom("SFN_MOCK_CONFIG", env["SFN_MOCK_CONFIG"]);
  const integrations = {
    ...(lambdaEndpoint === undefined ? {} : { lambdaEndpoint, ...lambdaKeys(env) }),
    ...(internal.length === 0 ? {} : { httpInternal: internal }),
    ...present({ httpConnections, mockConfig }),
    ...objectSettings(env),
  };
  return Object.keys(integrations).length === 0 ? {} : { integrations };
}

function lambdaKeys(env: CliIo["env"]): { readonly lambdaKeys?: AwsKeys } {
  const accessKeyId = env["AWS_ACCESS_KEY_ID"] ?? "";
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"] ?? "";
  const sessionToken = env["AWS_SESSION_TOKEN"];
  if (accessKeyId === "" || secretAccessKey === "") return {};
  return {
    lambdaKeys: {
      region: env["AWS_REGION"] ?? "us-east-1",
      accessKeyId,
      secretAccessKey,
      ...present({ sessionToken }),
    },
  };
}

/** An endpoint without keys is asked with those that local S3 servers take from anybody. */
function objectSettings(env: CliIo["env"]): { readonly objects?: ObjectSettings } {
  const endpoint = urlFrom("S3_ENDPOINT", env["S3_ENDPOINT"]);
  const folder = env["WEFT_OBJECTS"] ?? "";
  const sessionToken = env["AWS_SESSION_TOKEN"];
  const objects = {
    ...(folder === "" ? {} : { folder }),
    ...(endpoint === undefined ? {} : {
      s3: {
        endpoint,
        region: env["AWS_REGION"] ?? "us-east-1",
        accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "test",
        secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "test",
        ...present({ sessionToken }),
      },
    }),
  };
  return Object.keys(objects).length === 0 ? {} : { objects };
}

function urlFrom(name: string, text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw usageFailure(`Expected ${name} to be a URL that begins with http:// or https://, but it is "${text}"`);
}
