/** What a server does tasks with by itself, as the environment says. */
import type { Command } from "commander";
import { type IntegrationSettings, mapSetting, SettingInvalid, settingsFrom } from "../../../integrations/mod.ts";
import { usageFailure } from "../output/failure.ts";
import type { CliIo } from "../io.ts";

/** The flag of commands that do tasks. */
export interface MapOption {
  readonly map?: string;
}

/** Adds the flag. */
export function withMap(command: Command): Command {
  return command.option("--map <file>", "what serves resources instead of AWS's services (env WEFT_MAP)");
}

/** The settings from the environment, if it has any. @throws {CliFailure} one that cannot be: it names the variable */
export async function integrationSettings(
  io: CliIo,
  { map }: MapOption = {},
): Promise<{ readonly integrations?: IntegrationSettings }> {
  try {
    const integrations = { ...await settingsFrom(io), ...await mapSetting(io, map) };
    return Object.keys(integrations).length === 0 ? {} : { integrations };
  } catch (failure) {
    throw failure instanceof SettingInvalid ? usageFailure(failure.message) : failure;
  }
}
