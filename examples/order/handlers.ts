/**
 * The workers of the order example: each ends one task. They keep nothing, so a task can be done again, anywhere:
 * what must not happen twice is known by the order's id.
 */

interface Task {
  /** 1 for the first try, 2 for the first retry … */
  readonly attempt: number;
}

interface Reservation {
  readonly orderId: string;
  /** 0-based position in the order. */
  readonly position: number;
  readonly sku: string;
  readonly quantity: number;
}

interface Payment {
  readonly orderId: string;
  readonly amount: number;
  readonly card: string;
}

interface Parcels {
  readonly orderId: string;
  readonly parcels: number;
}

/** An error whose name `Retry` and `Catch` of the definition match; its message is the cause. */
function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

/** By the resource that the definition names. */
export const handlers = {
  "order-reserve": ({ orderId, position, sku, quantity }: Reservation) => {
    if (sku === "unobtainium") throw named("OutOfStock", `There is no ${sku} left`);
    return { reservationId: `${orderId}-R${position + 1}`, sku, quantity };
  },

  /** The payment gateway is busy at first: the definition's Retry tries again a second later, twice. */
  "order-charge": ({ orderId, amount, card }: Payment, { attempt }: Task) => {
    if (card === "declined") throw named("CardDeclined", "The bank declined the card");
    if (attempt < 3) throw named("PaymentGatewayBusy", "The payment gateway is busy");
    return { paymentId: `${orderId}-P`, amount };
  },

  "order-pack": ({ orderId, reservations }: { orderId: string; reservations: unknown[] }): Parcels => {
    return { orderId, parcels: Math.ceil(reservations.length / 2) };
  },

  "order-ship": ({ orderId, parcels }: Parcels) => ({ trackingCode: `${orderId}-T${parcels}` }),

  "order-refund": ({ orderId, amount }: Payment) => ({ refundId: `${orderId}-F`, amount }),

  "order-release": ({ orderId }: { orderId: string }) => ({ orderId, released: true }),
};
