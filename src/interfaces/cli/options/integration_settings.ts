/** What a server does tasks with by itself, as the environment says. */
import { type IntegrationSettings, SettingInvalid, settingsFrom } from "../../../integrations/mod.ts";
import { usageFailure } from "../output/failure.ts";
import type { CliIo } from "../io.ts";

/** The settings from the environment, if it has any. @throws {CliFailure} one that cannot be: it names the variable */
export async function integrationSettings(
  io: CliIo,
): Promise<{ readonly integrations?: IntegrationSettings }> {
  try {
    const integrations = await settingsFrom(io);
    return Object.keys(integrations).length === 0 ? {} : { integrations };
  } catch (failure) {
    throw failure instanceof SettingInvalid ? usageFailure(failure.message) : failure;
  }
}
