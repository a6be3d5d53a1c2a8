/**
 * Every kind of task that the engine does by itself, one line for each.
 *
 * `tests/unit/integrations/catalog_test.ts` says what else an integration wants.
 */
import { present } from "../values/mod.ts";
import type { IntegrationEntry } from "./entry.ts";
import { awsEntry } from "./aws/aws.ts";
import type { AwsSettings } from "./aws/aws_settings.ts";
import { httpEntry, type HttpSettings } from "./http/http_invoke.ts";
import { lambdaEntry, type LambdaSettings } from "./lambda/lambda.ts";
import { mapRunEntry } from "./map_run/map_run_entry.ts";
import { mappedEntry, type MappedSettings } from "./mapped/mapped.ts";
import { natsEntry } from "./nats/nats.ts";
import { nestedEntry } from "./nested/nested.ts";
import type { ObjectSettings } from "./object_stores/mod.ts";
import type { Integration } from "./port.ts";
import { type Environment, fileSetting, type SettingsFile } from "./settings.ts";

/** What the integrations of a home are set up with; what is absent is not there. */
export interface IntegrationSettings extends LambdaSettings, HttpSettings, AwsSettings, MappedSettings {
  /** Further ones, asked first. */
  readonly own?: readonly Integration[];
  /** Step Functions Local's mock configuration. */
  readonly mockConfig?: SettingsFile;
  /** What Map Runs read items from and write results to. */
  readonly objects?: ObjectSettings;
}

/** By name. No resource is done by two, but for mapped ones, which come first. */
export const catalog = {
  mapped: mappedEntry,
  mapRun: mapRunEntry,
  nested: nestedEntry,
  http: httpEntry,
  nats: natsEntry,
  lambda: lambdaEntry,
  aws: awsEntry,
} as const satisfies Readonly<Record<string, IntegrationEntry<IntegrationSettings>>>;

/** The settings of all of them, as the environment says. @throws {SettingInvalid} one that cannot be */
export async function settingsFrom(environment: Environment): Promise<IntegrationSettings> {
  const { env } = environment;
  const entries: readonly IntegrationEntry<IntegrationSettings>[] = Object.values(catalog);
  const each = await Promise.all(entries.map(({ settings }) => settings?.(environment) ?? {}));
  const mockConfig = await fileSetting(environment, "SFN_MOCK_CONFIG", env["SFN_MOCK_CONFIG"]);
  return Object.assign({}, ...each, present({ mockConfig }));
}
