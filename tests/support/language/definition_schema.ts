import { Ajv } from "ajv";
import { definitionSchema } from "../../../src/language/mod.ts";
import type { Json } from "../../../src/values/mod.ts";

const validate = new Ajv({
  allErrors: true,
  allowUnionTypes: true,
  strictTypes: false,
  strictRequired: false,
  keywords: ["markdownDescription"],
})
  .compile(definitionSchema());

/** What an editor says of a definition by the schema of `weft schema`: `PLACE: message`, empty when nothing is wrong. */
export function schemaFindings(definition: Json): readonly string[] {
  return validate(definition)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message = "", params }) =>
      `${instancePath}: ${message} ${JSON.stringify(params)}`
    );
}
