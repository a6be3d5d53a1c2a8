import type { Kind } from "./field.ts";

/** Characters of a `Label`. */
const LABEL_CHARACTERS_MAX = 40;
const labelPattern = /^[^\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]+$/u;

/** The name of a distributed Map in the ARNs of its runs: one in a definition. */
export const label: Kind<string> = {
  read: ({ fields, name }) => {
    const given = fields.string(name);
    if (given === undefined) return undefined;
    const at = fields.at(name);
    const error = (code: string, message: string) => fields.findings.error(code, at, message);
    if (given.length > LABEL_CHARACTERS_MAX) {
      error(
        "INVALID_LABEL_NAME",
        `Invalid Label name: Label exceeds the ${LABEL_CHARACTERS_MAX}-character limit allowed by the service`,
      );
    } else if (!labelPattern.test(given)) error("INVALID_LABEL_NAME", `Invalid Label name: ${given}`);
    else if (!fields.findings.isNewLabel(given)) error("DUPLICATE_LABEL_NAME", `Duplicate Label name: ${given}`);
    return given;
  },
  words: () =>
    `text of 1 to ${LABEL_CHARACTERS_MAX} characters, without blanks, wildcards, brackets and special characters`,
  schema: () => ({ type: "string", minLength: 1, maxLength: LABEL_CHARACTERS_MAX }),
};
