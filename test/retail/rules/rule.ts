import type { z } from "zod";
import { recordedJson } from "../recorded-json.ts";
import type { Order, Product, User } from "../records.ts";

/** What a rule may look at: the records of one run as they are now. */
export interface ShopView {
  order(orderId: string): Order | undefined;
  user(userId: string): User | undefined;
  product(productId: string): Product | undefined;
  users(): Iterable<User>;
  products(): Iterable<Product>;
}

/** The records that a tool call replaces, together or not at all. */
export interface Changes {
  readonly orders?: readonly Order[];
  readonly users?: readonly User[];
}

export type Outcome =
  | { readonly kind: "done"; readonly result: string; readonly changes: Changes }
  | { readonly kind: "refused"; readonly message: string };

export type Refused = Extract<Outcome, { kind: "refused" }>;

/** One tool's rule: what it takes, and what comes of it. It changes nothing itself. */
export interface Rule {
  readonly args: z.ZodType;
  carryOut(shop: ShopView, args: unknown): Outcome;
}

/** A rule that sees only arguments of the right shape; any others are refused. */
export function rule<T>(args: z.ZodType<T>, decide: (shop: ShopView, args: T) => Outcome): Rule {
  return {
    args,
    carryOut(shop, untrusted) {
      const parsed = args.safeParse(untrusted);
      if (parsed.success) return decide(shop, parsed.data);
      const issue = parsed.error.issues[0];
      return refused(`invalid arguments: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`);
    },
  };
}

export function refused(message: string): Refused {
  return { kind: "refused", message };
}

/** A read's answer: a text as it is, a record as the recordings show it. */
export function answer(value: unknown): Outcome {
  return { kind: "done", result: typeof value === "string" ? value : recordedJson(value), changes: {} };
}

/** A change to an order (and to its customer's balance, where money moved), answered with the order. */
export function orderChanged(order: Order, user?: User): Outcome {
  const changes = user === undefined ? { orders: [order] } : { orders: [order], users: [user] };
  return { kind: "done", result: recordedJson(order), changes };
}

export function userChanged(user: User): Outcome {
  return { kind: "done", result: recordedJson(user), changes: { users: [user] } };
}
