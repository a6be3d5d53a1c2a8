import type { NatsConnection } from "@nats-io/transport-node";
import type { Limits } from "../values/mod.ts";
import type { ObjectStores } from "./object_stores/mod.ts";
import type { Integration } from "./port.ts";
import type { Environment } from "./settings.ts";

/** What a home has that its integrations may use. */
export interface Surroundings {
  readonly limits: Limits;
  readonly stores: ObjectStores;
  /** The home's NATS connection, made when it is first asked for; absent in a home without a server. */
  readonly nats?: () => Promise<NatsConnection>;
}

/** All that the rest of Weft knows of an integration: its line in the catalog. */
export interface IntegrationEntry<Settings, Made extends Integration | undefined = Integration | undefined> {
  /** Resources that it does, one of each form. */
  readonly resources: readonly [string, ...string[]];
  /** Where users read of it: a page and section of `docs`. */
  readonly documentedIn: string;
  /** Its settings, as the environment says. @throws {SettingInvalid} */
  readonly settings?: (environment: Environment) => Settings | Promise<Settings>;
  /** The integration itself; `undefined` where the settings or the home do not have it: its tasks go to workers then. */
  readonly setUp: (settings: Settings, surroundings: Surroundings) => Made;
}
