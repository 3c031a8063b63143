import type { Address, Database, Order, OrderItem, Payment, Product, Variant } from "./records.ts";

/*
 * A small shop of our own, so that the rules are proved where the recorded domain is not at hand. Every order is made so
 * that what was paid is the price of its items.
 */

const address: Address = {
  address1: "1 Harbour Road",
  address2: "",
  city: "Portland",
  country: "USA",
  state: "ME",
  zip: "04101",
};

function product(id: string, name: string, variants: readonly Variant[]): Product {
  return {
    name,
    product_id: id,
    variants: Object.fromEntries(variants.map((one) => [one.item_id, one])),
  };
}

function variant(id: string, color: string, price: number, available = true): Variant {
  return { available, item_id: id, options: { color }, price };
}

const mug = product("p-mug", "Mug", [
  variant("mug-white", "white", 10),
  variant("mug-blue", "blue", 12.5),
  variant("mug-gold", "gold", 95),
  variant("mug-grey", "grey", 9, false),
]);
const lamp = product("p-lamp", "Lamp", [
  variant("lamp-black", "black", 40.2),
  variant("lamp-brass", "brass", 75.25),
]);

function item(of: Product, itemId: string): OrderItem {
  const found = of.variants[itemId];
  if (found === undefined) throw new Error(`the sample shop has no ${itemId}`);
  return {
    item_id: itemId,
    name: of.name,
    options: found.options,
    price: found.price,
    product_id: of.product_id,
  };
}

const whiteMug = item(mug, "mug-white");
const blackLamp = item(lamp, "lamp-black");

function order(
  id: string,
  status: Order["status"],
  sold: { readonly to: string; readonly by: string; readonly items: readonly OrderItem[] },
): Order {
  const amount = sold.items.reduce((sum, one) => sum + one.price, 0);
  const payment: Payment = { amount, payment_method_id: sold.by, transaction_type: "payment" };
  const refunds: readonly Payment[] =
    status === "cancelled" ? [{ ...payment, transaction_type: "refund" }] : [];
  return {
    address,
    fulfillments: [],
    items: sold.items,
    order_id: id,
    payment_history: [payment, ...refunds],
    status,
    user_id: sold.to,
  };
}

const byCard = { to: "ada_berg_1", by: "credit_card_1" };
const byGiftCard = { to: "ada_berg_1", by: "gift_card_1" };
const byPaypal = { to: "ada_berg_1", by: "paypal_1" };

const orders = [
  order("#PENDING", "pending", { ...byCard, items: [whiteMug, blackLamp] }),
  order("#PENDING_TWINS", "pending", { ...byPaypal, items: [whiteMug, whiteMug] }),
  order("#PENDING_BY_GIFT_CARD", "pending", { ...byGiftCard, items: [whiteMug] }),
  order("#PROCESSED", "processed", { ...byCard, items: [whiteMug] }),
  order("#DELIVERED", "delivered", { ...byCard, items: [whiteMug, blackLamp] }),
  order("#DELIVERED_TWINS", "delivered", { ...byPaypal, items: [whiteMug, whiteMug] }),
  order("#CANCELLED", "cancelled", { ...byCard, items: [whiteMug] }),
  order("#OF_BEN", "delivered", { to: "ben_cole_2", by: "paypal_2", items: [whiteMug] }),
];

export const sampleShop: Database = {
  orders: Object.fromEntries(orders.map((one) => [one.order_id, one])),
  products: { "p-lamp": lamp, "p-mug": mug },
  users: {
    ada_berg_1: {
      address,
      email: "ada.berg@example.com",
      name: { first_name: "Ada", last_name: "Berg" },
      orders: orders.filter((one) => one.user_id === "ada_berg_1").map((one) => one.order_id),
      payment_methods: {
        credit_card_1: { brand: "visa", id: "credit_card_1", last_four: "0001", source: "credit_card" },
        gift_card_1: { balance: 20, id: "gift_card_1", source: "gift_card" },
        paypal_1: { id: "paypal_1", source: "paypal" },
      },
      user_id: "ada_berg_1",
    },
    ben_cole_2: {
      address,
      email: "ben.cole@example.com",
      name: { first_name: "Ben", last_name: "Cole" },
      orders: ["#OF_BEN"],
      payment_methods: { paypal_2: { id: "paypal_2", source: "paypal" } },
      user_id: "ben_cole_2",
    },
  },
};
