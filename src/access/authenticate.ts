/** Who sent a request: the caller behind a signature, or why there is none. */
import { Effect, Result } from "effect";
import type { StorageUnavailable } from "../storage/mod.ts";
import type { AccessKeys, SigningIdentity } from "./access_keys.ts";
import { anonymous, type Caller } from "./authorize.ts";
import { basicClaim, isSameSecret } from "./basic_claim.ts";
import type { SignableRequest } from "./sigv4/canonical_request.ts";
import { type SignatureClaim, signatureClaim } from "./sigv4/signature_claim.ts";
import { type SignatureFailure, SignatureVerifier, type SignedService } from "./sigv4/verify_signature.ts";

/** A request as far as it says who sent it. */
export interface PresentedRequest extends SignableRequest {
  /** Of all headers, lower case. */
  readonly headerNames: readonly string[];
}

/** A caller, and the region that the request was signed for; `undefined`: nobody is asked who he is. */
export interface Authenticated {
  readonly caller: Caller;
  readonly region: string | undefined;
}

/** Why nobody is believed: by AWS's names. */
export interface NotAuthenticated {
  readonly code:
    | "MissingAuthenticationTokenException"
    | "IncompleteSignatureException"
    | "UnrecognizedClientException"
    | "InvalidSignatureException";
  readonly message: string;
  /** As far as it is claimed, for the audit log. */
  readonly claimed?: string;
}

type Outcome = Result.Result<Authenticated, NotAuthenticated>;

const messages: Readonly<Record<SignatureFailure, string>> = {
  expired: "Signature expired: it is more than 5 minutes old, or its time has passed",
  notYetCurrent: "Signature not yet current: it is of a time more than 5 minutes ahead",
  payload: "The provided 'x-amz-content-sha256' does not match what was computed",
  unsignedHeader: "Expected host and every x-amz- header to be signed",
  wrongService: "Credential should be scoped to correct service",
  mismatch:
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
};

/** Says who sends requests. One for a server. */
export class Authenticator {
  readonly #keys: AccessKeys | undefined;
  readonly #verifier = new SignatureVerifier();
  readonly #nowEpochMs: () => number;

  /** @param keys absent: nobody is asked who he is */
  constructor(keys: AccessKeys | undefined, nowEpochMs: () => number = Date.now) {
    this.#keys = keys;
    this.#nowEpochMs = nowEpochMs;
  }

  /** Whether callers have to say who they are: once there is a key. */
  isRequired(): Effect.Effect<boolean, StorageUnavailable> {
    return this.#keys === undefined ? Effect.succeed(false) : this.#keys.hasAny();
  }

  /** The caller of a request, whose body has been read. */
  authenticate(
    request: PresentedRequest,
    body: Uint8Array,
    service: SignedService = "states",
  ): Effect.Effect<Outcome, StorageUnavailable> {
    const keys = this.#keys;
    if (keys === undefined) return Effect.succeed(unasked);
    return Effect.flatMap(keys.hasAny(), (isRequired) => {
      if (!isRequired) return Effect.succeed(unasked);
      const claim = signatureClaim(request);
      if (typeof claim === "string") return Effect.succeed(withoutClaim(claim));
      const known = keys.remembered(claim.keyId);
      if (known !== null) return Effect.succeed(this.#judge(request, claim, known, body, service));
      return Effect.map(keys.find(claim.keyId), (identity) => this.#judge(request, claim, identity, body, service));
    });
  }

  /**
   * The caller that a browser says it sits before, by HTTP's Basic scheme (RFC 7617): the key's id as the user, its secret as the password. The secret itself
   * goes over the wire, so this is for the console alone, behind TLS or on loopback; programs sign.
   */
  authenticateBrowser(authorization: string | undefined): Effect.Effect<Outcome, StorageUnavailable> {
    const keys = this.#keys;
    if (keys === undefined) return Effect.succeed(unasked);
    return Effect.flatMap(keys.hasAny(), (isRequired) => {
      if (!isRequired) return Effect.succeed(unasked);
      const claim = basicClaim(authorization);
      if (claim === undefined) return Effect.succeed(withoutClaim("none"));
      const { user, password } = claim;
      const known = keys.remembered(user);
      const found = known === null ? keys.find(user) : Effect.succeed(known);
      return Effect.map(
        found,
        (identity) =>
          identity !== undefined && isSameSecret(identity.secret, password)
            ? Result.succeed({ caller: identity.caller, region: undefined })
            : refuse("UnrecognizedClientException", "There is no such access key, or its secret is another one", user),
      );
    });
  }

  #judge(
    request: PresentedRequest,
    claim: SignatureClaim,
    identity: SigningIdentity | undefined,
    body: Uint8Array,
    service: SignedService,
  ): Outcome {
    const { keyId, region } = claim;
    // A session's token: none is given out here, so nobody has one.
    const hasSession = request.headerNames.includes("x-amz-security-token") ||
      claim.parameters.some(([name]) => name.toLowerCase() === "x-amz-security-token");
    if (identity === undefined || hasSession) {
      return refuse("UnrecognizedClientException", "The security token included in the request is invalid.", keyId);
    }
    const failure = this.#verifier.verify(
      request,
      request.headerNames,
      claim,
      identity.secret,
      body,
      this.#nowEpochMs(),
      service,
    );
    if (failure !== undefined) return refuse("InvalidSignatureException", messages[failure], keyId);
    return Result.succeed({ caller: identity.caller, region });
  }
}

const unasked: Outcome = Result.succeed({ caller: anonymous, region: undefined });

function withoutClaim(why: "none" | "incomplete"): Outcome {
  return why === "none"
    ? refuse("MissingAuthenticationTokenException", "Request is missing Authentication Token")
    : refuse(
      "IncompleteSignatureException",
      "Expected AWS4-HMAC-SHA256 with Credential, SignedHeaders in order, Signature and a date of the same day",
    );
}

function refuse(code: NotAuthenticated["code"], message: string, claimed?: string): Outcome {
  return Result.fail({ code, message, ...(claimed === undefined ? {} : { claimed }) });
}
