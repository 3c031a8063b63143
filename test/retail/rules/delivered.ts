import { z } from "zod";
import { roundCents } from "../recorded-json.ts";
import { methodOf, paidByMethod } from "./money.ts";
import { orderChanged, refused, rule, type Rule } from "./rule.ts";
import { placesOf, planSwap, SwapArgs } from "./swap.ts";

const returnDeliveredOrderItems = rule(
  z.strictObject({ order_id: z.string(), item_ids: z.array(z.string()), payment_method_id: z.string() }),
  (shop, { item_ids: itemIds, payment_method_id: methodId, order_id: orderId }) => {
    const order = shop.order(orderId);
    if (order === undefined) return refused("order not found");
    if (order.status !== "delivered") return refused("only a delivered order can be returned, and once");
    if (placesOf(order, itemIds) === null) return refused("an item is not part of this order");
    const customer = shop.user(order.user_id);
    const method = customer && methodOf(customer, methodId);
    if (method === undefined) return refused("payment method not found");
    if (method.source !== "gift_card" && !paidByMethod(order).has(methodId)) {
      return refused("a refund goes to the original payment method or to a gift card");
    }
    return orderChanged({
      ...order,
      status: "return requested",
      return_items: itemIds.toSorted(),
      return_payment_method_id: methodId,
    });
  },
);

/** No money moves yet: the difference is settled when the parcel comes back. */
const exchangeDeliveredOrderItems = rule(SwapArgs, (shop, args) => {
  const order = shop.order(args.order_id);
  if (order === undefined) return refused("order not found");
  if (order.status !== "delivered") return refused("only a delivered order can be exchanged, and once");
  const swap = planSwap(shop, order, args);
  if (swap.kind === "refused") return swap;
  return orderChanged({
    ...order,
    status: "exchange requested",
    exchange_items: args.item_ids.toSorted(),
    exchange_new_items: args.new_item_ids.toSorted(),
    exchange_payment_method_id: args.payment_method_id,
    exchange_price_difference: roundCents(swap.difference),
  });
});

/** The tools that take back what was delivered. */
export const deliveredRules: Readonly<Record<string, Rule>> = {
  exchange_delivered_order_items: exchangeDeliveredOrderItems,
  return_delivered_order_items: returnDeliveredOrderItems,
};
