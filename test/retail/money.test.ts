import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Order, User } from "./records.ts";
import {
  blueForWhite,
  CANCEL,
  caller,
  cancelIt,
  EXCHANGE,
  initialSample,
  MODIFY,
  PAY,
  RETURN,
  returnMug,
  type Args,
} from "./sample-caller.ts";
import { ShopRun } from "./shop-run.ts";

function orderOf(run: ShopRun, id: string): Order {
  const order = run.order(id);
  if (order === undefined) throw new Error(`no order ${id}`);
  return order;
}

function giftCardOf(user: User | undefined): number {
  const method = user?.payment_methods["gift_card_1"];
  if (method?.source !== "gift_card") throw new Error("no gift card");
  return method.balance;
}

describe("money goes where it came from", () => {
  test("a cancelled order gives a gift card its money back at once", () => {
    const run = new ShopRun(initialSample);
    caller(run)(CANCEL, { order_id: "#PENDING_BY_GIFT_CARD", reason: "ordered by mistake" });
    expect(giftCardOf(run.user("ada_berg_1"))).toBe(30);
    expect(orderOf(run, "#PENDING_BY_GIFT_CARD")).toMatchObject({
      status: "cancelled",
      cancel_reason: "ordered by mistake",
      payment_history: [
        { transaction_type: "payment", amount: 10, payment_method_id: "gift_card_1" },
        { transaction_type: "refund", amount: 10, payment_method_id: "gift_card_1" },
      ],
    });
  });

  test("after a change of payment, only the one that still pays is refunded", () => {
    const run = new ShopRun(initialSample);
    const call = caller(run);
    call(PAY, { order_id: "#PENDING_BY_GIFT_CARD", payment_method_id: "paypal_1" });
    expect(giftCardOf(run.user("ada_berg_1"))).toBe(30);
    call(CANCEL, { ...cancelIt, order_id: "#PENDING_BY_GIFT_CARD" });
    expect(giftCardOf(run.user("ada_berg_1"))).toBe(30);
    const history = orderOf(run, "#PENDING_BY_GIFT_CARD").payment_history;
    expect(history.at(-1)).toEqual({ transaction_type: "refund", amount: 10, payment_method_id: "paypal_1" });
    expect(history).toHaveLength(4);
  });

  test("a gift card pays for an order and for dearer items, and gets the difference of cheaper ones", () => {
    const run = new ShopRun(initialSample);
    const call = caller(run);
    const byGiftCard = { payment_method_id: "gift_card_1" };
    call(PAY, { order_id: "#PENDING_TWINS", ...byGiftCard });
    expect(giftCardOf(run.user("ada_berg_1"))).toBe(0);
    expect(call(MODIFY, { ...blueForWhite, ...byGiftCard, order_id: "#PENDING_TWINS" }).status).toBe(422);
    call(CANCEL, { ...cancelIt, order_id: "#PENDING_TWINS" });
    call(MODIFY, { ...blueForWhite, ...byGiftCard, order_id: "#PENDING" });
    expect(giftCardOf(run.user("ada_berg_1"))).toBe(17.5);
  });

  test("a return or an exchange moves no money yet", () => {
    const run = new ShopRun(initialSample);
    const call = caller(run);
    call(RETURN, { ...returnMug, payment_method_id: "gift_card_1" });
    const twins = { order_id: "#DELIVERED_TWINS", item_ids: ["mug-white"], new_item_ids: ["mug-blue"] };
    call(EXCHANGE, { ...twins, payment_method_id: "gift_card_1" });
    expect(run.user("ada_berg_1")).toEqual(initialSample.users.get("ada_berg_1"));
    expect(orderOf(run, "#DELIVERED_TWINS")).toMatchObject({
      status: "exchange requested",
      exchange_items: ["mug-white"],
      exchange_new_items: ["mug-blue"],
      exchange_payment_method_id: "gift_card_1",
      exchange_price_difference: 2.5,
    });
    expect(Object.keys(run.changed())).toEqual(["orders"]);
  });

  test("whatever is asked for, an order is paid for exactly, and no gift card is overdrawn", () => {
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 12 }), (calls) => {
        const run = new ShopRun(initialSample);
        const call = caller(run);
        for (const [tool, args] of calls) call(tool, args);
        for (const id of initialSample.orders.keys()) {
          const order = orderOf(run, id);
          const owed = order.status === "cancelled" ? 0 : sum(order.items.map((item) => item.price));
          const signs = { payment: 1, refund: -1 };
          const paid = order.payment_history.map((entry) => signs[entry.transaction_type] * entry.amount);
          expect(sum(paid)).toBeCloseTo(owed, 2);
        }
        const inGiftCard = giftCardOf(run.user("ada_berg_1"));
        expect(inGiftCard).toBeGreaterThanOrEqual(0);
        expect(inGiftCard).toBeCloseTo(20 + 10 - paidByGiftCard(run), 2);
      }),
      { numRuns: 500 },
    );
  });
});

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

function paidByGiftCard(run: ShopRun): number {
  const entries = [...initialSample.orders.keys()].flatMap((id) => orderOf(run, id).payment_history);
  const own = entries.filter((entry) => entry.payment_method_id === "gift_card_1");
  return sum(own.map((entry) => (entry.transaction_type === "payment" ? entry.amount : -entry.amount)));
}

const anyOrder = fc.constantFrom(...initialSample.orders.keys());
const anyMethod = fc.constantFrom("credit_card_1", "gift_card_1", "paypal_1");
const anyItem = fc.constantFrom("mug-white", "mug-blue", "mug-gold", "lamp-black", "lamp-brass");
const anySwap = fc
  .tuple(anyOrder, anyMethod, fc.array(fc.tuple(anyItem, anyItem), { minLength: 1, maxLength: 2 }))
  .map(([order_id, payment_method_id, pairs]) => ({
    order_id,
    payment_method_id,
    item_ids: pairs.map(([item]) => item),
    new_item_ids: pairs.map(([, item]) => item),
  }));
const anyCall: fc.Arbitrary<readonly [string, Args]> = fc.oneof(
  anyOrder.map((order_id) => [CANCEL, { ...cancelIt, order_id }] as const),
  fc.record({ order_id: anyOrder, payment_method_id: anyMethod }).map((args) => [PAY, args] as const),
  anySwap.map((args) => [MODIFY, args] as const),
  anySwap.map((args) => [EXCHANGE, args] as const),
);
