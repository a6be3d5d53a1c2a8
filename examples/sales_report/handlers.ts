/** The workers of the sales report. */

/** By the resource that the definition names. */
export const handlers = {
  /** Stands for a query: the longer the shop's name, the better it sold. */
  "report-sales": ({ month, shop }: { month: number; shop: string }) => ({ shop, amount: shop.length * 100 + month }),

  "report-sum": ({ amounts }: { amounts: number[] }) => ({ amount: amounts.reduce((sum, amount) => sum + amount, 0) }),
};
