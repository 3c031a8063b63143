import { z } from "zod";

/** What the shop shows of a customer. */
export const Customer = z.strictObject({ id: z.string(), email: z.string(), name: z.string() });
export type Customer = Readonly<z.infer<typeof Customer>>;

const OrderStatus = z.enum(["paid", "shipped", "delivered"]);

/** What the shop shows of an order. Money is in cents, times are RFC 3339 in UTC. */
export const Order = z.strictObject({
  id: z.string(),
  customerId: z.string(),
  item: z.string(),
  status: OrderStatus,
  paidCents: z.int(),
  refundedCents: z.int(),
  orderedAt: z.iso.datetime(),
});
export type Order = Readonly<z.infer<typeof Order>>;

export const Note = z.strictObject({ text: z.string(), at: z.iso.datetime() });
export type Note = Readonly<z.infer<typeof Note>>;

/** A refund of an order, as the payment system has it. */
export const Refund = z.strictObject({
  id: z.string(),
  amountCents: z.int(),
  reason: z.string(),
  at: z.iso.datetime(),
});
export type Refund = Readonly<z.infer<typeof Refund>>;

/** A message that a customer was sent. */
export const SentMessage = z.strictObject({ subject: z.string(), at: z.iso.datetime() });
export type SentMessage = Readonly<z.infer<typeof SentMessage>>;

const isoTime = z.number().transform((ms) => new Date(ms).toISOString());

const OrderRow = z
  .object({
    id: z.string(),
    customer_id: z.string(),
    item: z.string(),
    status: OrderStatus,
    paid_cents: z.int(),
    refunded_cents: z.int(),
    ordered_at_ms: isoTime,
  })
  .transform((row): Order => ({
    id: row.id,
    customerId: row.customer_id,
    item: row.item,
    status: row.status,
    paidCents: row.paid_cents,
    refundedCents: row.refunded_cents,
    orderedAt: row.ordered_at_ms,
  }));

const NoteRow = z
  .object({ text: z.string(), at_ms: isoTime })
  .transform((row): Note => ({ text: row.text, at: row.at_ms }));

const RefundRow = z
  .object({ id: z.string(), amount_cents: z.int(), reason: z.string(), at_ms: isoTime })
  .transform(({ id, amount_cents: amountCents, reason, at_ms: at }): Refund => ({
    id,
    amountCents,
    reason,
    at,
  }));

const MessageRow = z
  .object({ subject: z.string(), at_ms: isoTime })
  .transform((row): SentMessage => ({ subject: row.subject, at: row.at_ms }));

const CUSTOMER = "SELECT id, email, name FROM shop_customers WHERE tenant = ?1 AND email = ?2";
const ORDERS = `SELECT id, customer_id, item, status, paid_cents, ordered_at_ms,
  (SELECT COALESCE(SUM(amount_cents), 0) FROM shop_refunds AS refund
    WHERE refund.tenant = shop_orders.tenant AND refund.order_id = shop_orders.id) AS refunded_cents
  FROM shop_orders`;
const ORDER = `${ORDERS} WHERE tenant = ?1 AND id = ?2`;
const ORDERS_OF = `${ORDERS} WHERE tenant = ?1 AND customer_id = ?2 ORDER BY ordered_at_ms DESC LIMIT 20`;
const NOTES =
  "SELECT text, at_ms FROM shop_notes WHERE tenant = ?1 AND order_id = ?2 ORDER BY at_ms, id LIMIT 50";

const REFUNDS =
  "SELECT id, amount_cents, reason, at_ms FROM shop_refunds WHERE tenant = ?1 AND order_id = ?2 ORDER BY at_ms, id LIMIT 50";
const MESSAGES = `SELECT subject, at_ms FROM shop_messages WHERE tenant = ?1 AND customer_id = ?2
  ORDER BY at_ms DESC, id LIMIT 20`;

export async function customerByEmail(
  db: D1Database,
  tenant: string,
  email: string,
): Promise<Customer | null> {
  const row = await db.prepare(CUSTOMER).bind(tenant, email.toLowerCase()).first();
  return row === null ? null : Customer.parse(row);
}

/** The newest 20 of a customer, newest first. */
export async function ordersOf(db: D1Database, tenant: string, customer: string): Promise<readonly Order[]> {
  const { results } = await db.prepare(ORDERS_OF).bind(tenant, customer).all();
  return z.array(OrderRow).parse(results);
}

export async function orderById(db: D1Database, tenant: string, id: string): Promise<Order | null> {
  const row = await db.prepare(ORDER).bind(tenant, id).first();
  return row === null ? null : OrderRow.parse(row);
}

export async function notesOf(db: D1Database, tenant: string, order: string): Promise<readonly Note[]> {
  const { results } = await db.prepare(NOTES).bind(tenant, order).all();
  return z.array(NoteRow).parse(results);
}

export async function refundsOf(db: D1Database, tenant: string, order: string): Promise<readonly Refund[]> {
  const { results } = await db.prepare(REFUNDS).bind(tenant, order).all();
  return z.array(RefundRow).parse(results);
}

/** The newest 20 that a customer was sent, newest first. */
export async function messagesTo(
  db: D1Database,
  tenant: string,
  customer: string,
): Promise<readonly SentMessage[]> {
  const { results } = await db.prepare(MESSAGES).bind(tenant, customer).all();
  return z.array(MessageRow).parse(results);
}
