import { z } from "zod";
import { ToolError } from "../definition.ts";
import { orderById } from "./shop-reads.ts";

/** Who asks for a write, and under which key. The same key never takes effect twice. */
export interface Asker {
  readonly db: D1Database;
  readonly tenant: string;
  readonly key: string;
  readonly nowMs: number;
}

type Value = string | number;

/** A write as SQL: `insert` books it where the shop's rules allow and its key is new; `booked` reads what stands under the key. */
interface Write {
  readonly action: "note" | "refund" | "message";
  readonly subject: string;
  readonly insert: string;
  readonly values: readonly Value[];
  readonly booked: string;
}

const ARRIVAL = `INSERT INTO shop_arrivals (tenant, key, action, subject, arrivals, first_at_ms, last_at_ms)
  VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5)
  ON CONFLICT (tenant, key) DO UPDATE SET arrivals = arrivals + 1, last_at_ms = excluded.last_at_ms`;

const INSERT_NOTE = `INSERT INTO shop_notes (tenant, key, id, order_id, text, at_ms)
  SELECT tenant, ?2, ?3, id, ?5, ?6 FROM shop_orders WHERE tenant = ?1 AND id = ?4
  ON CONFLICT (tenant, key) DO NOTHING`;

// What is left to refund is looked at and taken in the same statement.
const INSERT_REFUND = `INSERT INTO shop_refunds (tenant, key, id, order_id, amount_cents, reason, at_ms)
  SELECT tenant, ?2, ?3, id, ?5, ?6, ?7 FROM shop_orders
  WHERE tenant = ?1 AND id = ?4 AND status = 'delivered' AND ?5 <= paid_cents -
    (SELECT COALESCE(SUM(amount_cents), 0) FROM shop_refunds AS refund
      WHERE refund.tenant = shop_orders.tenant AND refund.order_id = shop_orders.id)
  ON CONFLICT (tenant, key) DO NOTHING`;

const INSERT_MESSAGE = `INSERT INTO shop_messages (tenant, key, id, customer_id, subject, body, at_ms)
  SELECT tenant, ?2, ?3, id, ?5, ?6, ?7 FROM shop_customers WHERE tenant = ?1 AND id = ?4
  ON CONFLICT (tenant, key) DO NOTHING`;

/** What stands under a key, as a list to compare with what was asked. */
const BOOKED_NOTE =
  "SELECT id, json_array(order_id, text) AS asked FROM shop_notes WHERE tenant = ?1 AND key = ?2";
const BOOKED_REFUND =
  "SELECT id, json_array(order_id, amount_cents, reason) AS asked FROM shop_refunds WHERE tenant = ?1 AND key = ?2";
const BOOKED_MESSAGE =
  "SELECT id, json_array(customer_id, subject, body) AS asked FROM shop_messages WHERE tenant = ?1 AND key = ?2";

const BookedRow = z.object({
  id: z.string(),
  asked: z.string().transform((text) => z.array(z.json()).parse(JSON.parse(text))),
});

/** Adds a note to an order; gives its id. */
export async function addNote(
  asker: Asker,
  note: { readonly orderId: string; readonly text: string },
): Promise<string> {
  const write: Write = {
    action: "note",
    subject: note.orderId,
    insert: INSERT_NOTE,
    values: [note.orderId, note.text],
    booked: BOOKED_NOTE,
  };
  return (await book(asker, write)) ?? noSuch("order", note.orderId);
}

/** Refunds part or all of what is left of a delivered order; gives the refund's id. */
export async function refund(
  asker: Asker,
  order: { readonly orderId: string; readonly amountCents: number; readonly reason: string },
): Promise<string> {
  const { orderId, amountCents, reason } = order;
  const values = [orderId, amountCents, reason];
  const write: Write = {
    action: "refund",
    subject: orderId,
    insert: INSERT_REFUND,
    values,
    booked: BOOKED_REFUND,
  };
  return (await book(asker, write)) ?? refuseRefund(asker, orderId, amountCents);
}

/** Sends a message to a customer; gives its id. */
export async function sendMessage(
  asker: Asker,
  message: { readonly customerId: string; readonly subject: string; readonly body: string },
): Promise<string> {
  const { customerId, subject, body } = message;
  const write: Write = {
    action: "message",
    subject: customerId,
    insert: INSERT_MESSAGE,
    values: [customerId, subject, body],
    booked: BOOKED_MESSAGE,
  };
  return (await book(asker, write)) ?? noSuch("customer", customerId);
}

/** One transaction: the arrival is counted, the write is booked if it may be, and what now stands under the key is read. */
async function book({ db, tenant, key, nowMs }: Asker, write: Write): Promise<string | null> {
  const id = `${write.action}_${crypto.randomUUID()}`;
  const [, , found] = await db.batch([
    db.prepare(ARRIVAL).bind(tenant, key, write.action, write.subject, nowMs),
    db.prepare(write.insert).bind(tenant, key, id, ...write.values, nowMs),
    db.prepare(write.booked).bind(tenant, key),
  ]);
  const row = found?.results[0];
  if (row === undefined) return null;
  const booked = BookedRow.parse(row);
  if (booked.asked.every((value, at) => value === write.values[at])) return booked.id;
  throw new ToolError("conflict", "This key stands for another request.");
}

async function refuseRefund({ db, tenant }: Asker, orderId: string, amountCents: number): Promise<never> {
  const order = await orderById(db, tenant, orderId);
  if (order === null) return noSuch("order", orderId);
  if (order.status !== "delivered")
    throw new ToolError(
      "precondition_failed",
      `The order is ${order.status}; only delivered orders are refunded.`,
    );
  const leftCents = order.paidCents - order.refundedCents;
  throw new ToolError(
    "precondition_failed",
    `Of the order, ${leftCents} cents are left to refund, not ${amountCents}.`,
  );
}

function noSuch(what: "order" | "customer", id: string): never {
  throw new ToolError("not_found", `There is no ${what} ${id}.`);
}
