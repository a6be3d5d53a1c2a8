/** The two reviewers: in real life a person behind a form, here a rule. */

interface Expense {
  readonly employee: string;
  readonly amount: number;
  readonly purpose: string;
}

/** By the resource that the definition names. */
export const handlers = {
  "approval-manager": ({ purpose }: Expense) => ({ by: "manager", approved: purpose !== "holiday" }),

  "approval-finance": ({ amount }: Expense) => ({ by: "finance", approved: amount <= 5000 }),
};
