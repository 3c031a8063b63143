import { z } from "zod";
import type { Order, OrderItem, User } from "../records.ts";
import { canPay, methodOf } from "./money.ts";
import { refused, type Refused, type ShopView } from "./rule.ts";

export const SwapArgs = z.strictObject({
  order_id: z.string(),
  item_ids: z.array(z.string()),
  new_item_ids: z.array(z.string()),
  payment_method_id: z.string(),
});
export type SwapArgs = Readonly<z.infer<typeof SwapArgs>>;

/** A swap that the customer can pay: the items after it, and what the new ones cost more (or, when negative, less) in dollars. */
export interface Swap {
  readonly kind: "swap";
  readonly customer: User;
  readonly items: readonly OrderItem[];
  readonly difference: number;
}

/** Each item becomes the available variant of the same product that stands at the same place in the arguments. */
export function planSwap(shop: ShopView, order: Order, args: SwapArgs): Swap | Refused {
  if (args.item_ids.length !== args.new_item_ids.length) return refused("each item needs one new item");
  const places = placesOf(order, args.item_ids);
  if (places === null) return refused("an item is not part of this order");
  const items = [...order.items];
  let difference = 0;
  for (const [index, place] of places.entries()) {
    const item = items[place];
    const newItem = item && variantOf(shop, item, args.new_item_ids[index] ?? "");
    if (!newItem) return refused("a new item is not another available variant of the same product");
    items[place] = newItem;
    difference += newItem.price - item.price;
  }
  const customer = shop.user(order.user_id);
  const method = customer && methodOf(customer, args.payment_method_id);
  if (!customer || !method) return refused("payment method not found");
  if (!canPay(method, difference)) return refused("the gift card's balance is too small");
  return { kind: "swap", customer, items, difference };
}

/**
 * Where each named item stands in the order. An order may hold the same item twice, so a place is taken once.
 * Null when nothing is named, or something that the order does not hold (as often).
 */
export function placesOf(order: Order, itemIds: readonly string[]): readonly number[] | null {
  const places: number[] = [];
  for (const itemId of itemIds) {
    const place = order.items.findIndex((item, index) => item.item_id === itemId && !places.includes(index));
    if (place === -1) return null;
    places.push(place);
  }
  return places.length === 0 ? null : places;
}

function variantOf(shop: ShopView, item: OrderItem, newItemId: string): OrderItem | null {
  const variants = shop.product(item.product_id)?.variants ?? {};
  const variant = Object.hasOwn(variants, newItemId) ? variants[newItemId] : undefined;
  if (!variant?.available || newItemId === item.item_id) return null;
  return { ...item, item_id: newItemId, options: variant.options, price: variant.price };
}
