import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { SignatureVerifier } from "../../../src/access/sigv4/verify_signature.ts";
import { signatureClaim } from "../../../src/access/sigv4/signature_claim.ts";
import { caseCount } from "../../support/case_count.ts";
import {
  presented,
  type RequestToSign,
  type SignedRequest,
  signedRequest,
} from "../../support/access/signed_request.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

const credentials = {
  accessKeyId: "WEFTABCDEFGHIJKLMNOP",
  secretAccessKey: "a secret of forty characters, or about so",
};
const at = new Date("2030-01-31T08:00:00Z");
const verifier = new SignatureVerifier();

/** What verification says of a request: `taken`, or why not. */
function outcome(request: SignedRequest, nowEpochMs = at.getTime(), secret = credentials.secretAccessKey): string {
  const claim = signatureClaim(request);
  if (typeof claim === "string") return claim;
  return verifier.verify(request, request.headerNames, claim, secret, request.body, nowEpochMs) ?? "taken";
}

const headers = { "x-amz-target": "AWSStepFunctions.ListStateMachines", "content-type": "application/x-amz-json-1.0" };
const plain: RequestToSign = { at, headers, body: "{}" };

test("a signature of AWS's own signer is taken, in a header and in the query", async () => {
  strictEqual(outcome(await signedRequest(credentials, plain)), "taken");
  strictEqual(outcome(await signedRequest(credentials, { ...plain, expiresIn: 60 })), "taken");
  strictEqual(outcome(await signedRequest(credentials, { method: "GET", at, path: "/weft/stream" })), "taken");
});

const instants: readonly (readonly [seconds: number, expiresIn: number | undefined, expected: string])[] = [
  [300, undefined, "taken"],
  [301, undefined, "expired"],
  [-300, undefined, "taken"],
  [-301, undefined, "notYetCurrent"],
  [60, 60, "taken"],
  [61, 60, "expired"],
  [-301, 60, "notYetCurrent"],
  [604_800, 604_800, "taken"],
];
for (const [seconds, expiresIn, expected] of instants) {
  test(`a signature ${expiresIn === undefined ? "" : `good for ${expiresIn} s `}is ${expected} ${seconds} s later`, async () => {
    const request = await signedRequest(credentials, { ...plain, ...(expiresIn === undefined ? {} : { expiresIn }) });
    strictEqual(outcome(request, at.getTime() + seconds * 1_000), expected);
  });
}

const changes:
  readonly (readonly [what: string, change: (request: SignedRequest) => SignedRequest, expected: string])[] = [
    ["another body", (it) => presented(it.method, it.target, it.headers, Buffer.from("{ }")), "payload or mismatch"],
    ["another operation", (it) => changed(it, { "x-amz-target": "AWSStepFunctions.DeleteStateMachine" }), "mismatch"],
    ["another host", (it) => changed(it, { host: "127.0.0.1:9" }), "mismatch"],
    ["another method", (it) => presented("PUT", it.target, it.headers, it.body), "mismatch"],
    ["another path", (it) => presented(it.method, "/other", it.headers, it.body), "mismatch"],
    ["a query", (it) => presented(it.method, "/?a=b", it.headers, it.body), "mismatch"],
    ["a header of AWS's that is not signed", (it) => changed(it, { "x-amz-other": "1" }), "unsignedHeader"],
    ["UNSIGNED-PAYLOAD", (it) => changed(it, { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" }), "payload"],
    ["another time", (it) => changed(it, { "x-amz-date": "20300131T080001Z" }), "mismatch"],
    ["another day", (it) => changed(it, { "x-amz-date": "20300201T000000Z" }), "incomplete"],
    [
      "a signature in the query as well",
      (it) => presented(it.method, "/?X-Amz-Signature=0", it.headers, it.body),
      "incomplete",
    ],
    ["no signature", (it) => presented(it.method, it.target, { host: "127.0.0.1:8083" }, it.body), "none"],
    ["another scheme", (it) => changed(it, { authorization: "Bearer x" }), "incomplete"],
    ["broken percent-encoding", (it) => presented(it.method, "/?%E0%A4=1", it.headers, it.body), "incomplete"],
    ["another region", (it) => claimChanged(it, "us-east-1", "eu-west-1"), "mismatch"],
    ["another service", (it) => claimChanged(it, "/states/", "/s3/"), "wrongService"],
    ["host left out of what is signed", (it) => claimChanged(it, "host;", ""), "unsignedHeader"],
    [
      "a signature of capitals",
      (it) => changed(it, { authorization: signature(it, (text) => text.toUpperCase()) }),
      "incomplete",
    ],
    [
      "a signature cut short",
      (it) => changed(it, { authorization: signature(it, (text) => text.slice(2)) }),
      "incomplete",
    ],
  ];

function changed(it: SignedRequest, headers: Readonly<Record<string, string>>): SignedRequest {
  return presented(it.method, it.target, { ...it.headers, ...headers }, it.body);
}

function claimChanged(it: SignedRequest, from: string, to: string): SignedRequest {
  return changed(it, { authorization: (it.headers["authorization"] ?? "").replace(from, to) });
}

function signature(it: SignedRequest, change: (text: string) => string): string {
  return (it.headers["authorization"] ?? "").replace(/(?<=Signature=)[0-9a-f]+/, change);
}

for (const [what, change, expected] of changes) {
  test(`${what} makes a signature ${expected}`, async () => {
    const given = outcome(change(await signedRequest(credentials, plain)));
    strictEqual(expected.split(" or ").includes(given), true, given);
  });
}

test("a presigned request with UNSIGNED-PAYLOAD, for too long or without an end is not taken", async () => {
  const request = await signedRequest(credentials, { ...plain, expiresIn: 60 });
  const target = (change: (text: string) => string) =>
    outcome(presented(request.method, change(request.target), request.headers, request.body));
  deepStrictEqual([
    target((it) => it.replace("X-Amz-Expires=60", "X-Amz-Expires=604801")),
    target((it) => it.replace("X-Amz-Expires=60", "X-Amz-Expires=61")),
    target((it) => it.replace("X-Amz-Expires=60&", "")),
    target((it) => `${it}&X-Amz-Expires=60`),
    target((it) => `${it}&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD`),
  ], ["incomplete", "mismatch", "incomplete", "incomplete", "payload"]);
});

test("another secret is a mismatch, and a key that was derived for one is not another's", async () => {
  const request = await signedRequest(credentials, plain);
  deepStrictEqual(
    [outcome(request), outcome(request, at.getTime(), "another"), outcome(request)],
    ["taken", "mismatch", "taken"],
  );
});

const SEED = 20_301;
const CASES = caseCount(1_000);
const pieces = [
  "a",
  "Z",
  "0",
  "-",
  ".",
  "_",
  "~",
  "/",
  "//",
  "/./",
  "/../",
  "%20",
  "%2F",
  " ",
  "+",
  "!",
  "'",
  "(",
  "*",
  "é",
  "𝄞",
  "=",
  "&",
  "?",
  ";",
  ":",
] as const;

test(`${CASES} random requests that AWS's signer signed are taken, and not with one character changed (seed ${SEED})`, async () => {
  const random = new SeededRandom(SEED);
  const text = (most: number, from: readonly [string, ...string[]] = pieces) =>
    Array.from({ length: random.below(most) }, () => random.pick(from)).join("");
  for (let index = 0; index < CASES; index++) {
    const query = Object.fromEntries(
      Array.from({ length: random.below(4) }, () => [`q${text(4)}`, random.chance(0.2) ? [text(4), text(4)] : text(5)]),
    );
    const path = `/${text(8, ["a", "Z", ".", "/", "//", "/./", "/../", "%20", "%2F", "%25", "!", "'", "*", "~", ":"])}`;
    const given: RequestToSign = {
      at,
      path,
      query,
      method: random.pick(["GET", "POST", "PUT"]),
      headers: {
        "x-amz-target": `A.${text(5, ["B", " ", "  ", "c"])}`.trim(),
        "my-header": ` ${text(6, ["a", "  ", "\t"])} `,
      },
      body: text(20),
      ...(random.chance(0.3) ? { expiresIn: 1 + random.below(604_800) } : {}),
    };
    const request = await signedRequest(credentials, given);
    strictEqual(outcome(request), "taken", JSON.stringify(given));
    const body = Buffer.from(`${given.body}!`);
    strictEqual(outcome({ ...request, body }) === "taken", false, JSON.stringify(given));
    const other = presented(`${request.method}X`, request.target, request.headers, request.body);
    strictEqual(outcome(other) === "taken", false, JSON.stringify(given));
  }
});

const HOSTILE = caseCount(5_000);
test(`${HOSTILE} requests with bytes changed anywhere are never taken, and nothing throws (seed ${SEED})`, async () => {
  const random = new SeededRandom(SEED);
  const bases = [
    await signedRequest(credentials, plain),
    await signedRequest(credentials, { ...plain, expiresIn: 60 }),
  ];
  const spoil = (text: string) => {
    const position = random.below(text.length + 1);
    const junk = random.pick(["", "%", "%zz", "&", "=", ",", "\u0000", "é", "Signature=", "x".repeat(300), "/", ";"]);
    return text.slice(0, position) + junk + text.slice(position + random.below(3));
  };
  for (let index = 0; index < HOSTILE; index++) {
    const base = bases[index % 2];
    if (base === undefined) continue;
    const name = random.pick(["authorization", "x-amz-date", "host", "x-amz-target"]);
    const isInQuery = base.target.length > 1;
    const request = isInQuery
      ? presented(base.method, spoil(base.target), base.headers, base.body)
      : changed(base, { [name]: spoil(base.headers[name] ?? "") });
    const isSame = isInQuery ? sameQuery(request.target, base.target) : sameHeader(request, base, name);
    if (!isSame) strictEqual(outcome(request) === "taken", false, `${request.target} ${request.headers[name]}`);
    else outcome(request);
  }
});

/** Percent-encoding and empty parts may be written in several ways. */
function sameQuery(left: string, right: string): boolean {
  const plainly = (target: string) => {
    try {
      return [...new URLSearchParams(decodeURI(target).slice(target.indexOf("?")))].map(String).sort().join();
    } catch {
      return target;
    }
  };
  return plainly(left) === plainly(right);
}

/** White space between the parts of a header says nothing. */
function sameHeader(left: SignedRequest, right: SignedRequest, name: string): boolean {
  const plainly = (request: SignedRequest) => (request.headers[name] ?? "").replace(/\s+/g, " ").trim();
  return plainly(left) === plainly(right);
}
