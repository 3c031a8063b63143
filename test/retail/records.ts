import { z } from "zod";

/** The shop's records, as its data file spells them. Money is in dollars; all times are left out of this domain. */
export const Address = z
  .strictObject({
    address1: z.string(),
    address2: z.string(),
    city: z.string(),
    country: z.string(),
    state: z.string(),
    zip: z.string(),
  })
  .readonly();
export type Address = z.infer<typeof Address>;

const Options = z.record(z.string(), z.string()).readonly();

export const OrderItem = z
  .strictObject({
    item_id: z.string(),
    name: z.string(),
    options: Options,
    price: z.number(),
    product_id: z.string(),
  })
  .readonly();
export type OrderItem = z.infer<typeof OrderItem>;

export const Payment = z
  .strictObject({
    amount: z.number(),
    payment_method_id: z.string(),
    transaction_type: z.enum(["payment", "refund"]),
  })
  .readonly();
export type Payment = z.infer<typeof Payment>;

export const OrderStatus = z.enum([
  "pending",
  "pending (item modified)",
  "processed",
  "delivered",
  "cancelled",
  "return requested",
  "exchange requested",
]);

export const Order = z
  .strictObject({
    address: Address,
    fulfillments: z
      .array(z.strictObject({ item_ids: z.array(z.string()), tracking_id: z.array(z.string()) }).readonly())
      .readonly(),
    items: z.array(OrderItem).readonly(),
    order_id: z.string(),
    payment_history: z.array(Payment).readonly(),
    status: OrderStatus,
    user_id: z.string(),
    cancel_reason: z.string().optional(),
    exchange_items: z.array(z.string()).readonly().optional(),
    exchange_new_items: z.array(z.string()).readonly().optional(),
    exchange_payment_method_id: z.string().optional(),
    exchange_price_difference: z.number().optional(),
    return_items: z.array(z.string()).readonly().optional(),
    return_payment_method_id: z.string().optional(),
  })
  .readonly();
export type Order = z.infer<typeof Order>;

export const PaymentMethod = z.discriminatedUnion("source", [
  z
    .strictObject({
      brand: z.string(),
      id: z.string(),
      last_four: z.string(),
      source: z.literal("credit_card"),
    })
    .readonly(),
  z.strictObject({ balance: z.number(), id: z.string(), source: z.literal("gift_card") }).readonly(),
  z.strictObject({ id: z.string(), source: z.literal("paypal") }).readonly(),
]);
export type PaymentMethod = z.infer<typeof PaymentMethod>;

export const User = z
  .strictObject({
    address: Address,
    email: z.string(),
    name: z.strictObject({ first_name: z.string(), last_name: z.string() }).readonly(),
    orders: z.array(z.string()).readonly(),
    payment_methods: z.record(z.string(), PaymentMethod).readonly(),
    user_id: z.string(),
  })
  .readonly();
export type User = z.infer<typeof User>;

export const Variant = z
  .strictObject({ available: z.boolean(), item_id: z.string(), options: Options, price: z.number() })
  .readonly();
export type Variant = z.infer<typeof Variant>;

export const Product = z
  .strictObject({
    name: z.string(),
    product_id: z.string(),
    variants: z.record(z.string(), Variant).readonly(),
  })
  .readonly();
export type Product = z.infer<typeof Product>;

export const Database = z
  .strictObject({
    orders: z.record(z.string(), Order).readonly(),
    products: z.record(z.string(), Product).readonly(),
    users: z.record(z.string(), User).readonly(),
  })
  .readonly();
export type Database = z.infer<typeof Database>;
