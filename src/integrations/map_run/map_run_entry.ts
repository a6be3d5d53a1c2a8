import { MAP_RUN_RESOURCE } from "../../values/mod.ts";
import type { IntegrationEntry } from "../entry.ts";
import { type ObjectSettings, objectSettings } from "../object_stores/mod.ts";
import { MapRunIntegration } from "./map_run_integration.ts";

/** Its line in the catalog. */
export const mapRunEntry: IntegrationEntry<{ readonly objects?: ObjectSettings }> = {
  resources: [MAP_RUN_RESOURCE],
  documentedIn: "map_runs.md",
  settings: objectSettings,
  setUp: (_settings, { limits, stores }) => new MapRunIntegration({ limits, stores }),
};
