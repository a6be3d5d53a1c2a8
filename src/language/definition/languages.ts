/** The two query languages, and AWS's words where one is taken for the other. */
import type { QueryLanguage } from "../types.ts";

/** The query language that is not `language`. */
export function otherLanguage(language: QueryLanguage): QueryLanguage {
  return language === "JSONPath" ? "JSONata" : "JSONPath";
}

/** AWS's words for a field of the other query language. */
export function wrongLanguage(language: QueryLanguage, field: string): string {
  return `The QueryLanguage is set to '${language}', but field '${field}' is only supported for the '${
    otherLanguage(language)
  }' QueryLanguage`;
}
