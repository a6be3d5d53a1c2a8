/** The worker of the invoice run. */

/** One invoice, as the definition makes it of a customer's amount. */
interface Invoice {
  readonly number: string;
  readonly to: string;
  readonly cents: number;
}

/** By the resource that the definition names. */
export const handlers = {
  /** Stands for the mail: what it was given is what was sent. */
  "invoice-send": ({ Items }: { BatchInput: { month: string }; Items: Invoice[] }) =>
    Items.map(({ number, cents }) => ({ number, cents })),
};
