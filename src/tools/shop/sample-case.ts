import { z } from "zod";

/** A fresh customer with one delivered order, and what a task needs to be told of it. */
export interface SampleCase {
  readonly customerId: string;
  readonly email: string;
  readonly orderId: string;
  readonly paidCents: number;
  /** The input of a support-desk task, text and JSON. */
  readonly input: {
    readonly text: string;
    readonly json: { readonly email: string; readonly orderId: string };
  };
}

const CUSTOMER = "INSERT INTO shop_customers (tenant, id, email, name) VALUES (?1, ?2, ?3, ?4)";
const ORDER = `INSERT INTO shop_orders (tenant, id, customer_id, item, status, paid_cents, ordered_at_ms)
  VALUES (?1, ?2, ?3, ?4, 'delivered', ?5, ?6)`;

const ITEM = "Espresso machine";
const PAID_CENTS = 24_900;
const DAYS_4_MS = 345_600_000;

/** Makes a case that nobody has worked on, so that every run of the sample is as good as the first. */
export async function openSampleCase(db: D1Database, tenant: string, nowMs: number): Promise<SampleCase> {
  const mark = crypto.randomUUID().slice(0, 8);
  const customerId = `cus_${mark}`;
  const email = `mia.${mark}@example.com`;
  const orderId = `ord_${mark}`;
  await db.batch([
    db.prepare(CUSTOMER).bind(tenant, customerId, email, "Mia Sample"),
    db.prepare(ORDER).bind(tenant, orderId, customerId, ITEM, PAID_CENTS, nowMs - DAYS_4_MS),
  ]);
  const text = `Mia Sample <${email}> writes: "The espresso machine from order ${orderId} arrived with a cracked tank. I want my money back, please." Help her.`;
  return { customerId, email, orderId, paidCents: PAID_CENTS, input: { text, json: { email, orderId } } };
}

/** A write as the shop's own ledger shows it: how often it arrived, and how often it took effect. */
const LedgerRow = z.object({
  key: z.string(),
  action: z.enum(["note", "refund", "message"]),
  subject: z.string(),
  arrivals: z.int(),
  booked: z.int(),
});
export type LedgerRow = Readonly<z.infer<typeof LedgerRow>>;

const LEDGER = `SELECT key, action, subject, arrivals,
  (SELECT COUNT(*) FROM shop_notes AS note WHERE note.tenant = arrived.tenant AND note.key = arrived.key)
  + (SELECT COUNT(*) FROM shop_refunds AS refund WHERE refund.tenant = arrived.tenant AND refund.key = arrived.key)
  + (SELECT COUNT(*) FROM shop_messages AS message WHERE message.tenant = arrived.tenant AND message.key = arrived.key) AS booked
  FROM shop_arrivals AS arrived WHERE tenant = ?1 AND subject IN (?2, ?3) ORDER BY first_at_ms, key`;

/** Every write that ever arrived for a case, in order. */
export async function ledgerOf(
  db: D1Database,
  tenant: string,
  sample: Pick<SampleCase, "orderId" | "customerId">,
): Promise<readonly LedgerRow[]> {
  const { results } = await db.prepare(LEDGER).bind(tenant, sample.orderId, sample.customerId).all();
  return z.array(LedgerRow).parse(results);
}
