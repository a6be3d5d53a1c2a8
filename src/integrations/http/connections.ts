/**
 * Credentials of HTTP endpoints, by the ARN (or name) of their connection, from a settings file in the form of EventBridge's
 * CreateConnection. They go into requests alone: never into history, results or logs.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnection.html
 */
import { Buffer } from "node:buffer";
import { Result, Schema } from "effect";
import { type HttpClient, NoAnswer } from "./exchange.ts";

const Parameters = Schema.optionalKey(Schema.Array(Schema.Struct({
  Key: Schema.String,
  Value: Schema.String,
  IsValueSecret: Schema.optionalKey(Schema.Boolean),
})));
const HttpParameters = Schema.Struct({
  HeaderParameters: Parameters,
  QueryStringParameters: Parameters,
  BodyParameters: Parameters,
});
const AuthParameters = Schema.Struct({
  BasicAuthParameters: Schema.optionalKey(Schema.Struct({ Username: Schema.String, Password: Schema.String })),
  ApiKeyAuthParameters: Schema.optionalKey(Schema.Struct({ ApiKeyName: Schema.String, ApiKeyValue: Schema.String })),
  OAuthParameters: Schema.optionalKey(Schema.Struct({
    AuthorizationEndpoint: Schema.String,
    HttpMethod: Schema.Literals(["GET", "POST", "PUT"]),
    ClientParameters: Schema.Struct({ ClientID: Schema.String, ClientSecret: Schema.String }),
    OAuthHttpParameters: Schema.optionalKey(HttpParameters),
  })),
  InvocationHttpParameters: Schema.optionalKey(HttpParameters),
});
const Connection = Schema.Struct({
  AuthorizationType: Schema.Literals(["BASIC", "API_KEY", "OAUTH_CLIENT_CREDENTIALS"]),
  AuthParameters,
});
type Connection = typeof Connection.Type;

/** A settings file that cannot be: the message names the file and the place, and shows no value. */
export class ConnectionsInvalid extends Error {
  override readonly name = "ConnectionsInvalid";
}

/** What a connection adds to a request, and what of it is secret. */
export interface ConnectionPart {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

const TOKEN_TIMEOUT_MS = 20_000;
const TOKEN_BYTES_MAX = 65_536;
/** A token is asked for anew so long before it runs out. */
const TOKEN_RESERVE_MS = 30_000;
const TOKEN_SECONDS = 300;

/** The connections of one node. */
export class Connections {
  readonly #byName: ReadonlyMap<string, Connection>;
  readonly #client: HttpClient;
  readonly #tokens = new Map<string, { readonly token: string; readonly untilEpochMs: number }>();

  /** @throws {ConnectionsInvalid} */
  constructor(file: { readonly path: string; readonly text: string } | undefined, client: HttpClient) {
    this.#client = client;
    this.#byName = new Map(file === undefined ? [] : Object.entries(decode(file)));
  }

  /**
   * What the connection of this ARN adds; `undefined` when there is none. A token that is needed is asked for first.
   *
   * @throws {NoAnswer} no token could be had
   */
  async partOf(arn: string, signal: AbortSignal): Promise<ConnectionPart | undefined> {
    // arn:aws:events:{region}:{account}:connection/{name}/{id}
    const [, name = ""] = /:connection\/([^/]+)/.exec(arn) ?? [];
    const connection = this.#byName.get(arn) ?? this.#byName.get(name);
    if (connection === undefined) return undefined;
    const { AuthParameters: { InvocationHttpParameters: more } } = connection;
    const authorization = await this.#authorization(arn, connection, signal);
    const headers = { ...record(more?.HeaderParameters), ...authorization.headers };
    return {
      headers,
      query: record(more?.QueryStringParameters),
      body: record(more?.BodyParameters),
      secrets: [...authorization.secrets, ...secretsOf(more)],
    };
  }

  /** A token was refused: the next request asks for a new one. */
  forget(arn: string): void {
    this.#tokens.delete(arn);
  }

  async #authorization(
    arn: string,
    { AuthorizationType: type, AuthParameters: parameters }: Connection,
    signal: AbortSignal,
  ): Promise<Pick<ConnectionPart, "headers" | "secrets">> {
    if (type === "BASIC" && parameters.BasicAuthParameters !== undefined) {
      const { Username, Password } = parameters.BasicAuthParameters;
      const text = Buffer.from(`${Username}:${Password}`).toString("base64");
      return { headers: { Authorization: `Basic ${text}` }, secrets: [Password, text] };
    }
    if (type === "API_KEY" && parameters.ApiKeyAuthParameters !== undefined) {
      const { ApiKeyName, ApiKeyValue } = parameters.ApiKeyAuthParameters;
      return { headers: { [ApiKeyName]: ApiKeyValue }, secrets: [ApiKeyValue] };
    }
    const token = await this.#token(arn, parameters, signal);
    return { headers: { Authorization: `Bearer ${token}` }, secrets: [token] };
  }

  async #token(arn: string, { OAuthParameters: oauth }: Connection["AuthParameters"], signal: AbortSignal) {
    const kept = this.#tokens.get(arn);
    if (kept !== undefined && kept.untilEpochMs > Date.now()) return kept.token;
    if (oauth === undefined) throw new NoAnswer("The connection has no parameters for its type of authorization");
    const { ClientID, ClientSecret } = oauth.ClientParameters;
    const { OAuthHttpParameters: more } = oauth;
    const form = new URLSearchParams({ grant_type: "client_credentials", ...record(more?.BodyParameters) }).toString();
    const url = new URL(oauth.AuthorizationEndpoint);
    for (const [name, value] of Object.entries(record(more?.QueryStringParameters))) url.searchParams.set(name, value);
    const answer = await this.#client.exchange({
      url,
      method: oauth.HttpMethod,
      headers: {
        Authorization: `Basic ${
          Buffer.from(`${encodeURIComponent(ClientID)}:${encodeURIComponent(ClientSecret)}`).toString("base64")
        }`,
        "Content-Type": "application/x-www-form-urlencoded",
        Accept: "application/json",
        ...record(more?.HeaderParameters),
      },
      ...(oauth.HttpMethod === "GET" ? {} : { body: form }),
      signal,
      timeoutMs: TOKEN_TIMEOUT_MS,
      bytesMax: TOKEN_BYTES_MAX,
    });
    const { token, seconds } = tokenIn(answer.status, answer.body?.toString("utf8") ?? "");
    this.#tokens.set(arn, { token, untilEpochMs: Date.now() + seconds * 1_000 - TOKEN_RESERVE_MS });
    return token;
  }
}

function decode(
  { path, text }: { readonly path: string; readonly text: string },
): Readonly<Record<string, Connection>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ConnectionsInvalid(`The connections in "${path}" are no JSON`); // the parser's message may show a secret
  }
  const decoded = Schema.decodeUnknownResult(Schema.Record(Schema.String, Connection))(parsed);
  if (Result.isSuccess(decoded)) return decoded.success;
  const entries = Object.entries(typeof parsed === "object" && parsed !== null ? parsed : {});
  const bad = entries.filter(([, entry]) => Result.isFailure(Schema.decodeUnknownResult(Connection)(entry)));
  throw new ConnectionsInvalid(
    `Expected "${path}" to have connections as EventBridge's CreateConnection takes them, by ARN or name; ${
      bad.length === 0 ? "it is no object" : `these are not: ${bad.map(([name]) => name).join(", ")}`
    }`,
  );
}

function tokenIn(status: number, text: string): { readonly token: string; readonly seconds: number } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const fields: { readonly access_token?: unknown; readonly expires_in?: unknown } =
    typeof parsed === "object" && parsed !== null ? parsed : {};
  const { access_token: token, expires_in: seconds } = fields;
  if (status < 200 || status > 299 || typeof token !== "string") {
    throw new NoAnswer(`The authorization endpoint gave no token, but status ${status}`);
  }
  return { token, seconds: typeof seconds === "number" ? seconds : TOKEN_SECONDS };
}

function record(parameters: typeof Parameters.schema.Type | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((parameters ?? []).map(({ Key, Value }) => [Key, Value]));
}

function secretsOf(parameters: typeof HttpParameters.Type | undefined): readonly string[] {
  return [
    ...parameters?.HeaderParameters ?? [],
    ...parameters?.QueryStringParameters ?? [],
    ...parameters?.BodyParameters ?? [],
  ].filter(({ IsValueSecret }) => IsValueSecret !== false).map(({ Value }) => Value);
}
