/** How integrations are told what they are set up with: settings, and the environment that they are read from. */

/** A settings file as it was read. */
export interface SettingsFile {
  /** As the user gave it: for messages. */
  readonly path: string;
  readonly text: string;
}

/** Where settings are read from. */
export interface Environment {
  readonly env: { readonly [name: string]: string | undefined };
  /** Rejects where there is none. */
  readTextFile(path: string): Promise<string>;
}

/** A setting that cannot be: the message names it. */
export class SettingInvalid extends Error {
  override readonly name = "SettingInvalid";
}

/** The URL of a setting; `undefined` where it is not set. @throws {SettingInvalid} */
export function urlSetting(name: string, text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new SettingInvalid(`Expected ${name} to be a URL that begins with http:// or https://, but it is "${text}"`);
}

/** The file that a setting names; `undefined` where it names none. @throws {SettingInvalid} */
export async function fileSetting(
  environment: Pick<Environment, "readTextFile">,
  name: string,
  path: string | undefined,
): Promise<SettingsFile | undefined> {
  if (path === undefined || path === "") return undefined;
  try {
    return { path, text: await environment.readTextFile(path) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SettingInvalid(`Cannot read the file "${path}" that ${name} names: ${reason}`);
  }
}
