/** Calls of the AWS API that a Weft server has. */
import { isJsonObject, type JsonObject, parseJson } from "../../../values/mod.ts";
import { CliFailure } from "../output/failure.ts";

const ANSWER_MS_MAX = 30_000;

/** One server, one account and region. */
export class AwsApiClient {
  readonly #endpoint: string;
  readonly #authorization: string;

  constructor(endpoint: string, account: string, region: string) {
    this.#endpoint = endpoint;
    // Whose call it is: the server takes the account from the key.
    this.#authorization =
      `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/states/aws4_request, SignedHeaders=host, Signature=none`;
  }

  /** The answer; `undefined` where the server says that there is no such thing. @throws {CliFailure} any other refusal */
  async call(operation: string, input: JsonObject): Promise<JsonObject | undefined> {
    const response = await this.#post(operation, input);
    const text = await response.text();
    const body = text === "" ? {} : parseJson(text);
    const answer = isJsonObject(body) ? body : {};
    if (response.ok) return answer;
    const code = String(answer["__type"] ?? response.status).split("#").at(-1) ?? "";
    if (/DoesNotExist$|^ResourceNotFound$/.test(code)) return undefined;
    throw new CliFailure(`${operation} was refused: ${String(answer["message"] ?? code)}`, { code, exitCode: 1 });
  }

  async #post(operation: string, input: JsonObject): Promise<Response> {
    try {
      return await fetch(this.#endpoint, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": `AWSStepFunctions.${operation}`,
          authorization: this.#authorization,
        },
        body: JSON.stringify(input),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
    } catch (cause) {
      throw new CliFailure(`Cannot reach the AWS API at ${this.#endpoint}`, {
        code: "Unreachable",
        hint: "Start one with `weft dev` or `weft serve --http 8083`, or say where it is: --endpoint URL.",
        cause,
      });
    }
  }
}
