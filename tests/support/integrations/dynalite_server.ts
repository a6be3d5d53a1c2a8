import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { TestContext } from "node:test";

const startDynalite: (options: { readonly createTableMs: number }) => Server = createRequire(import.meta.url)(
  "dynalite",
);

/** A DynamoDB server in memory, until the test ends: its URL. */
export async function dynaliteServer(t: TestContext): Promise<string> {
  const server = startDynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}
