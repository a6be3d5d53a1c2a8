/**
 * A TCP proxy between one engine and the servers: the network of that engine, which can fail.
 *
 * It leads each connection to the first server that takes one. The servers must not tell clients of each other, or they go around it.
 */
import { createServer, type Server, Socket } from "node:net";

/** How a network fails: `silent` nothing comes through until it is well again, and then all of it; `reset` connections break. */
export type Cut = "silent" | "reset";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** Listens until `close`. */
export class TcpProxy {
  readonly #server: Server;
  readonly #ports: readonly number[];
  readonly #pairs = new Set<Pair>();
  readonly #first: number;
  #cut: Cut | undefined;

  /** @param ports of the servers @param first 0-based, the one to try first */
  static async open(ports: readonly number[], first: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(ports, first);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  constructor(ports: readonly number[], first: number) {
    this.#ports = ports;
    this.#first = first;
    this.#server = createServer({ pauseOnConnect: true }, (near) => this.#onConnection(near));
  }

  get url(): string {
    const address = this.#server.address();
    return `nats://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  /** Nothing comes through from now on. */
  cut(cut: Cut): void {
    this.#cut = cut;
    for (const { near, far } of this.#pairs) {
      if (cut === "reset") {
        near.resetAndDestroy();
        far.resetAndDestroy();
      } else {
        near.pause();
        far.pause();
      }
    }
  }

  /** All comes through again, what was held included. */
  mend(): void {
    this.#cut = undefined;
    for (const { near, far } of this.#pairs) {
      near.resume();
      far.resume();
    }
  }

  async close(): Promise<void> {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #onConnection(near: Socket): void {
    near.on("error", () => {}); // its end is told by "close"
    if (this.#cut === "reset") near.resetAndDestroy();
    else this.#lead(near, 0);
  }

  #lead(near: Socket, tried: number): void {
    const port = this.#ports[(this.#first + tried) % this.#ports.length];
    if (port === undefined || tried === this.#ports.length) return void near.resetAndDestroy();
    const far = new Socket();
    const onRefused = () => this.#lead(near, tried + 1);
    far.once("error", onRefused);
    far.connect(port, "127.0.0.1", () => {
      far.removeListener("error", onRefused);
      far.on("error", () => {});
      this.#join({ near, far });
    });
  }

  #join(pair: Pair): void {
    this.#pairs.add(pair);
    const { near, far } = pair;
    for (const [from, to] of [[near, far], [far, near]] as const) {
      from.setNoDelay(true);
      from.on("data", (chunk) => {
        if (!to.write(chunk)) from.pause();
      });
      to.on("drain", () => {
        if (this.#cut === undefined) from.resume();
      });
      from.once("close", () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
    }
    if (this.#cut !== undefined) this.cut(this.#cut);
    else near.resume();
  }
}
