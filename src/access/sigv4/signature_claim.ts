/** What a signed request says of its signature, in a header or in its query: taken apart, and not believed yet. */
import { canonicalRequestHash, queryParameters, type SignableRequest } from "./canonical_request.ts";

/** A signature, and what it claims to be. */
export interface SignatureClaim {
  readonly keyId: string;
  /** `YYYYMMDD`. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly at: string;
  /** Lower case, in order. */
  readonly signedHeaders: readonly string[];
  /** 64 hex digits. */
  readonly signature: string;
  /** Seconds for which a presigned request is good; absent: it was signed in a header. */
  readonly expiresSeconds?: number;
  /** What the query has besides the signature. */
  readonly parameters: readonly (readonly [string, string])[];
}

/** Why there is no claim. */
export type ClaimFailure = "none" | "incomplete";

/** `AWS4-HMAC-SHA256`. */
export const ALGORITHM = "AWS4-HMAC-SHA256";
const CREDENTIAL = /^([A-Za-z0-9]{1,128})\/(\d{8})\/([A-Za-z0-9_-]{1,64})\/([a-z0-9-]{1,64})\/aws4_request$/;
const HEADER_NAMES = /^[a-z0-9!#$%&'*+.^_`|~-]+(;[a-z0-9!#$%&'*+.^_`|~-]+)*$/;
const AT = /^\d{8}T\d{6}Z$/;
const SIGNATURE = /^[0-9a-f]{64}$/;
const EXPIRES_SECONDS_MAX = 604_800;
const AUTHORIZATION_CHARACTERS_MAX = 8_192;

/** The claim of a request; where there are two, the request is refused. */
export function signatureClaim(request: SignableRequest): SignatureClaim | ClaimFailure {
  const authorization = request.header("authorization");
  const parameters = queryParameters(request.target);
  if (parameters === undefined) return "incomplete";
  const isPresigned = parameters.some(([name]) => name === "X-Amz-Algorithm" || name === "X-Amz-Signature");
  if (authorization === undefined) return isPresigned ? presignedClaim(parameters) : "none";
  return isPresigned ? "incomplete" : headerClaim(request, authorization, parameters);
}

function headerClaim(
  request: SignableRequest,
  authorization: string,
  parameters: SignatureClaim["parameters"],
): SignatureClaim | ClaimFailure {
  if (!authorization.startsWith(`${ALGORITHM} `) || authorization.length > AUTHORIZATION_CHARACTERS_MAX) {
    return "incomplete";
  }
  const fields = new Map<string, string>();
  for (const part of authorization.slice(ALGORITHM.length + 1).split(",")) {
    const [, name = "", value = ""] = /^\s*(Credential|SignedHeaders|Signature)=(\S*)\s*$/.exec(part) ?? [];
    if (name === "" || fields.has(name)) return "incomplete";
    fields.set(name, value);
  }
  return claimOf(
    fields.get("Credential"),
    fields.get("SignedHeaders"),
    fields.get("Signature"),
    request.header("x-amz-date"),
    parameters,
  );
}

function presignedClaim(parameters: SignatureClaim["parameters"]): SignatureClaim | ClaimFailure {
  const fields = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (name.startsWith("X-Amz-") && fields.has(name)) return "incomplete";
    fields.set(name, value);
  }
  const expires = fields.get("X-Amz-Expires") ?? "";
  const expiresSeconds = /^[1-9]\d{0,5}$/.test(expires) ? Number(expires) : Infinity;
  if (fields.get("X-Amz-Algorithm") !== ALGORITHM || expiresSeconds > EXPIRES_SECONDS_MAX) return "incomplete";
  const claim = claimOf(
    fields.get("X-Amz-Credential"),
    fields.get("X-Amz-SignedHeaders"),
    fields.get("X-Amz-Signature"),
    fields.get("X-Amz-Date"),
    parameters.filter(([name]) => name !== "X-Amz-Signature"),
  );
  return typeof claim === "string" ? claim : { ...claim, expiresSeconds };
}

function claimOf(
  credential = "",
  headers = "",
  signature = "",
  at = "",
  parameters: SignatureClaim["parameters"],
): SignatureClaim | ClaimFailure {
  const [, keyId = "", day = "", region = "", service = ""] = CREDENTIAL.exec(credential) ?? [];
  if (keyId === "" || !HEADER_NAMES.test(headers) || !SIGNATURE.test(signature) || !AT.test(at)) return "incomplete";
  const signedHeaders = headers.split(";");
  const isInOrder = signedHeaders.every((name, index) => index === 0 || (signedHeaders[index - 1] ?? "") < name);
  if (!isInOrder || !at.startsWith(day)) return "incomplete";
  return { keyId, day, region, service, at, signedHeaders, signature, parameters };
}

/** What the key signs. @throws {URIError} the query is no Unicode */
export function stringToSign(request: SignableRequest, claim: SignatureClaim, payloadHash: string): string {
  const { day, region, service, at, signedHeaders, parameters } = claim;
  const hash = canonicalRequestHash(request, parameters, signedHeaders, payloadHash);
  return `${ALGORITHM}\n${at}\n${day}/${region}/${service}/aws4_request\n${hash}`;
}
