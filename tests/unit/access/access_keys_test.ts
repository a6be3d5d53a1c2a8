import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { AccessKeys, RootKey } from "../../../src/access/mod.ts";
import { SharedStorage } from "../../../src/storage/mod.ts";
import { layerMemoryShared } from "../../../src/storage/memory/mod.ts";
import type { KeyValueStore } from "../../../src/storage/mod.ts";
import { isJsonObject } from "../../../src/values/mod.ts";

const at = new Date("2030-01-31T08:00:00Z");
const request = { tenant: "111111111111", role: "starter", regions: ["us-east-1"], comment: "the shop" } as const;
const run = Effect.runPromise;

function rootKey(): RootKey {
  const key = RootKey.parse(RootKey.make());
  ok(key);
  return key;
}

function store(): Promise<KeyValueStore> {
  return run(Effect.provide(Effect.map(SharedStorage, (it) => it), layerMemoryShared));
}

test("a key that was made is found with its secret, and listed without", async () => {
  const keys = new AccessKeys(await store(), rootKey());
  const made = await run(keys.create(request, at));
  match(made.id, /^WEFT[A-Z2-7]{16}$/);
  match(made.secret, /^[A-Za-z0-9_-]{40}$/);
  deepStrictEqual(await run(keys.find(made.id)), {
    secret: made.secret,
    caller: { principal: made.id, tenant: "111111111111", regions: ["us-east-1"], role: "starter" },
  });
  const { secret: _, ...shown } = made;
  deepStrictEqual(await run(keys.list()), [shown]);
});

test("nothing in the store has the secret, and without the root key it is not found", async () => {
  const kept = await store();
  const made = await run(new AccessKeys(kept, rootKey()).create(request, at));
  const entries = await run(kept.list({ prefix: "", limit: 10 }));
  strictEqual(JSON.stringify(entries).includes(made.secret), false);
  strictEqual(await run(new AccessKeys(kept, rootKey()).find(made.id)), undefined);
});

for (const [field, value] of [["role", "admin"], ["tenant", "222222222222"], ["regions", ["eu-west-1"]]] as const) {
  test(`a key whose ${field} was changed in the store is nobody's`, async () => {
    const [kept, root] = [await store(), rootKey()];
    const made = await run(new AccessKeys(kept, root).create(request, at));
    const entry = await run(kept.get(`keys/${made.id}`));
    ok(entry !== null && isJsonObject(entry.value));
    await run(kept.set(`keys/${made.id}`, { ...entry.value, [field]: value }));
    strictEqual(await run(new AccessKeys(kept, root).find(made.id)), undefined);
  });
}

test("a key's record under another key's id is nobody's", async () => {
  const [kept, root] = [await store(), rootKey()];
  const keys = new AccessKeys(kept, root);
  const [one, other] = [await run(keys.create(request, at)), await run(keys.create({ ...request, role: "admin" }, at))];
  const entry = await run(kept.get(`keys/${other.id}`));
  ok(entry !== null);
  await run(kept.set(`keys/${one.id}`, entry.value));
  strictEqual(await run(keys.find(one.id)), undefined);
});

test("a revoked key is forgotten within five seconds, and its secret is gone from the store", async () => {
  const [kept, root] = [await store(), rootKey()];
  let nowMs = 0;
  const server = new AccessKeys(kept, root, () => nowMs);
  const made = await run(server.create(request, at));
  ok(await run(server.find(made.id)));
  const revoked = await run(new AccessKeys(kept, root).revoke(made.id, at));
  strictEqual(revoked?.revokedAt, at.toISOString());
  nowMs = 5_000;
  ok(server.remembered(made.id), "still fresh");
  nowMs = 5_001;
  strictEqual(server.remembered(made.id), null);
  strictEqual(await run(server.find(made.id)), undefined);
  strictEqual(server.remembered(made.id), undefined);
  strictEqual(JSON.stringify(await run(kept.get(`keys/${made.id}`))).includes("sealed"), false);
  strictEqual(await run(server.hasAny()), true);
});

test("what is no key's id is looked for nowhere, and revoking it revokes nothing", async () => {
  const keys = new AccessKeys(await store(), rootKey());
  for (const id of ["", "cluster", "../cluster", "WEFTabcdefghijklmnop", "AKIAABCDEFGHIJKLMNOP"]) {
    deepStrictEqual([await run(keys.find(id)), await run(keys.revoke(id, at))], [undefined, undefined]);
  }
  strictEqual(await run(keys.hasAny()), false);
});

test("a root key is 32 bytes as base64 and nothing else", () => {
  const text = RootKey.make();
  ok(RootKey.parse(` ${text}\n`));
  for (const bad of ["", "x", text.slice(1), `${text}${text}`, text.replace("=", ""), "\u0000".repeat(44)]) {
    strictEqual(RootKey.parse(bad), undefined);
  }
});

test("what was sealed opens with the same key, purpose and owner alone, and not with one bit flipped", () => {
  const key = rootKey();
  const sealed = key.seal("purpose", "about", new TextEncoder().encode("secret"));
  strictEqual(new TextDecoder().decode(key.open("purpose", "about", sealed)), "secret");
  deepStrictEqual([
    key.open("other", "about", sealed),
    key.open("purpose", "other", sealed),
    rootKey().open("purpose", "about", sealed),
    key.open("purpose", "about", ""),
  ], [undefined, undefined, undefined, undefined]);
  const bytes = Uint8Array.from(atob(sealed), (letter) => letter.charCodeAt(0));
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.map((byte, index) => index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte);
    strictEqual(key.open("purpose", "about", btoa(String.fromCharCode(...flipped))), undefined);
  }
});
