/** What is said of one error: Markdown, links from `docs/errors/`. */
export interface ErrorPage {
  readonly meaning: string;
  readonly cause: string;
  readonly remedy: string;
}
