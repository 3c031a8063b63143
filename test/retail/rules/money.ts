import type { Order, Payment, PaymentMethod, User } from "../records.ts";
import { roundCents } from "../recorded-json.ts";

/** A payment method of this customer, and nobody else's. */
export function methodOf(user: User, methodId: string): PaymentMethod | undefined {
  return Object.hasOwn(user.payment_methods, methodId) ? user.payment_methods[methodId] : undefined;
}

/** Only a gift card has a balance that can be too small; what the other methods can pay is not the shop's to know. */
export function canPay(method: PaymentMethod, amount: number): boolean {
  return method.source !== "gift_card" || method.balance >= amount;
}

/** The customer after `amount` dollars went to a method (or, when negative, came from it): only a gift card's balance shows it. */
export function credited(user: User, methodId: string, amount: number): User {
  const method = methodOf(user, methodId);
  if (method?.source !== "gift_card") return user;
  const balance = roundCents(method.balance + amount);
  return { ...user, payment_methods: { ...user.payment_methods, [methodId]: { ...method, balance } } };
}

/** What each method has paid for an order and not got back, in the order of first payment. Methods that are even are left out. */
export function paidByMethod(order: Order): ReadonlyMap<string, number> {
  const net = new Map<string, number>();
  for (const entry of order.payment_history) {
    const amount = entry.transaction_type === "payment" ? entry.amount : -entry.amount;
    net.set(entry.payment_method_id, roundCents((net.get(entry.payment_method_id) ?? 0) + amount));
  }
  return new Map([...net].filter(([, amount]) => amount > 0));
}

export function paid(amount: number, methodId: string): Payment {
  return { transaction_type: "payment", amount, payment_method_id: methodId };
}

export function refund(amount: number, methodId: string): Payment {
  return { transaction_type: "refund", amount, payment_method_id: methodId };
}
