/** A TCP proxy on a loopback address, for tests that cut a connection off without ending it. */
import { connect, createServer, type Socket } from "node:net";

/** Whoever starts one closes it. */
export interface TcpProxy {
  readonly port: number;
  /** Nothing passes in this direction any more; it is kept, and passes when {@link pass} is called. */
  hold(direction: "toServer" | "toClient"): void;
  /** Everything passes again, what was kept first. */
  pass(): void;
  close(): Promise<void>;
}

/** Passes each connection on to a port of this machine. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const held = new Set<"toServer" | "toClient">();
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  const server = createServer({ allowHalfOpen: false }, (client) => {
    const pair = { client, server: connect(targetPort, "127.0.0.1") };
    pairs.add(pair);
    join(client, pair.server, () => held.has("toServer"));
    join(pair.server, client, () => held.has("toClient"));
    client.once("close", () => pairs.delete(pair));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    hold: (direction) => {
      held.add(direction);
      for (const { client, server } of pairs) (direction === "toServer" ? client : server).pause();
    },
    pass: () => {
      held.clear();
      for (const { client, server } of pairs) {
        client.resume();
        server.resume();
      }
    },
    close: () => {
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function join(from: Socket, to: Socket, isHeld: () => boolean): void {
  from.on("data", (bytes) => void to.write(bytes));
  from.once("close", () => to.destroy());
  from.on("error", () => to.destroy());
  if (isHeld()) from.pause();
}
