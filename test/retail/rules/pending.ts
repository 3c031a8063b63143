import { z } from "zod";
import type { Address, Order } from "../records.ts";
import { canPay, credited, methodOf, paid, paidByMethod, refund } from "./money.ts";
import { orderChanged, refused, rule, userChanged, type Rule } from "./rule.ts";
import { planSwap, SwapArgs } from "./swap.ts";

const cancelPendingOrder = rule(
  z.strictObject({ order_id: z.string(), reason: z.enum(["no longer needed", "ordered by mistake"]) }),
  (shop, args) => {
    const order = shop.order(args.order_id);
    if (order === undefined) return refused("order not found");
    if (order.status !== "pending") return refused("only a pending order can be cancelled");
    const customer = shop.user(order.user_id);
    if (customer === undefined) return refused("user not found");
    const refunds = [...paidByMethod(order)].map(([methodId, amount]) => refund(amount, methodId));
    const refunded = refunds.reduce(
      (user, entry) => credited(user, entry.payment_method_id, entry.amount),
      customer,
    );
    const cancelled: Order = {
      ...order,
      payment_history: [...order.payment_history, ...refunds],
      status: "cancelled",
      cancel_reason: args.reason,
    };
    return orderChanged(cancelled, refunded);
  },
);

const addressFields = {
  address1: z.string(),
  address2: z.string(),
  city: z.string(),
  state: z.string(),
  country: z.string(),
  zip: z.string(),
};

const modifyPendingOrderAddress = rule(
  z.strictObject({ order_id: z.string(), ...addressFields }),
  (shop, { order_id: orderId, ...address }) => {
    const order = shop.order(orderId);
    if (order === undefined) return refused("order not found");
    if (!isPending(order)) return refused("only a pending order can be modified");
    return orderChanged({ ...order, address: ordered(address) });
  },
);

const modifyUserAddress = rule(
  z.strictObject({ user_id: z.string(), ...addressFields }),
  (shop, { user_id: userId, ...address }) => {
    const user = shop.user(userId);
    if (user === undefined) return refused("user not found");
    return userChanged({ ...user, address: ordered(address) });
  },
);

/** The recordings show a new address with its fields in the order of the tool's arguments. */
function ordered(address: Address): Address {
  const { address1, address2, city, state, country, zip } = address;
  return { address1, address2, city, state, country, zip };
}

/**
 * What its tool promises is about pending orders, and an order whose items were modified is still one that waits to be
 * packed: where it is sent may be corrected. Its items and its payment may not (their rules ask for more).
 */
function isPending(order: Order): boolean {
  return order.status === "pending" || order.status === "pending (item modified)";
}

const modifyPendingOrderPayment = rule(
  z.strictObject({ order_id: z.string(), payment_method_id: z.string() }),
  (shop, { order_id: orderId, payment_method_id: newMethodId }) => {
    const order = shop.order(orderId);
    if (order === undefined) return refused("order not found");
    if (order.status !== "pending") return refused("only a pending order can be modified");
    const [payment, ...later] = order.payment_history;
    if (payment === undefined || later.length > 0) return refused("the payment of an order is modified once");
    const customer = shop.user(order.user_id);
    const method = customer && methodOf(customer, newMethodId);
    if (!customer || !method) return refused("payment method not found");
    if (newMethodId === payment.payment_method_id) return refused("the payment method is already this one");
    if (!canPay(method, payment.amount)) return refused("the gift card's balance is too small");
    const charged = credited(customer, newMethodId, -payment.amount);
    const entries = [paid(payment.amount, newMethodId), refund(payment.amount, payment.payment_method_id)];
    return orderChanged(
      { ...order, payment_history: [payment, ...entries] },
      credited(charged, payment.payment_method_id, payment.amount),
    );
  },
);

const modifyPendingOrderItems = rule(SwapArgs, (shop, args) => {
  const order = shop.order(args.order_id);
  if (order === undefined) return refused("order not found");
  if (order.status !== "pending") return refused("only a pending order can be modified, and its items once");
  const swap = planSwap(shop, order, args);
  if (swap.kind === "refused") return swap;
  const methodId = args.payment_method_id;
  // The recordings keep the amount as the subtraction left it; only balances are rounded.
  const entry =
    swap.difference > 0 ? paid(swap.difference, methodId) : refund(Math.abs(swap.difference), methodId);
  const modified: Order = {
    ...order,
    items: swap.items,
    payment_history: [...order.payment_history, entry],
    status: "pending (item modified)",
  };
  return orderChanged(modified, credited(swap.customer, methodId, -swap.difference));
});

/** The tools that change a pending order, or a customer's own address. */
export const pendingRules: Readonly<Record<string, Rule>> = {
  cancel_pending_order: cancelPendingOrder,
  modify_pending_order_address: modifyPendingOrderAddress,
  modify_pending_order_items: modifyPendingOrderItems,
  modify_pending_order_payment: modifyPendingOrderPayment,
  modify_user_address: modifyUserAddress,
};
