// What an embedded store's secrets are kept by, and that they are never made anew beside a log.
import { match, rejects, strictEqual } from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/embedded.ts";
import { openKeyStore } from "../../../src/homes/key_store.ts";
import { makeKeyFile } from "../../../src/homes/root_key_file.ts";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "weft-sealed-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function used(store: string, keyFile?: string): Promise<void> {
  const home = await openEmbeddedHome({ store, partitions: 1, ...(keyFile === undefined ? {} : { keyFile }) });
  await Effect.runPromise(home.engine.listWorkflows({ tenant: "a", namespace: "b" }));
  await home.close();
}

test("a store whose settings are gone is refused by name, and nothing is made in their place", async (t) => {
  const store = await folder(t);
  await used(store);
  for (const end of ["", "-wal", "-shm"]) await rm(join(store, `cluster.db${end}`), { force: true });
  await rejects(used(store), /StoreSettingsLost: .*cluster\.db .* is gone: restore it from a backup/);
  await rejects(used(store), /StoreSettingsLost/);
});

test("an access key seals the store's secret: without the key file, and with another, the store is refused by name", async (t) => {
  const store = await folder(t);
  await used(store);
  const keys = await openKeyStore({ store });
  const { id } = await keys.create({ tenant: "111111111111", role: "admin" });
  await keys.close();
  const file = join(store, "cluster.key");
  strictEqual((await stat(file)).mode & 0o777, 0o600);
  match(await readFile(file, "utf8"), /^[A-Za-z0-9+/]{43}=\n$/);
  await used(store);
  const again = await openKeyStore({ store });
  strictEqual((await again.list())[0]?.id, id);
  await again.close();
  const other = join(store, "other.key");
  await Effect.runPromise(makeKeyFile(other));
  await rejects(used(store, other), /ClusterSealed: .*another cluster's/);
  await rejects(openKeyStore({ store, keyFile: other }), /ClusterSealed/);
  await rm(file);
  await rejects(used(store), /ClusterSealed: .*no key file was given/);
});

test("a key file is never written over", async (t) => {
  const file = join(await folder(t), "a", "cluster.key");
  await Effect.runPromise(makeKeyFile(file));
  const text = await readFile(file, "utf8");
  await rejects(Effect.runPromise(makeKeyFile(file)), /EEXIST/);
  strictEqual(await readFile(file, "utf8"), text);
});
