import type { Collection, InitialShop } from "./initial-shop.ts";
import { canonicalJson, sha256 } from "./recorded-json.ts";
import type { Order, Product, User } from "./records.ts";
import type { Changes, Outcome, Rule, ShopView } from "./rules/rule.ts";

/** What a settled call answers, now and at every repetition. */
export interface Answer {
  readonly status: number;
  readonly body: { readonly result: string } | { readonly error: string };
}

export interface ShopCall {
  readonly key: string;
  readonly tool: string;
  readonly argsDigest: string;
  readonly args: unknown;
}

export interface Settlement {
  readonly answer: Answer;
  /** True when this very arrival carried the tool out and it was not refused. */
  readonly applied: boolean;
}

export type ChangedRecords = { readonly [C in Collection]?: Readonly<Record<string, Order | User>> };

interface SettledCall {
  readonly tool: string;
  readonly argsDigest: string;
  readonly answer: Answer;
}

/** One copy of the shop: it holds the records that it has replaced and reads the others from the initial shop. */
export class ShopRun implements ShopView {
  readonly #initial: InitialShop;
  readonly #orders = new Map<string, Order>();
  readonly #users = new Map<string, User>();
  readonly #settled = new Map<string, SettledCall>();

  constructor(initial: InitialShop) {
    this.#initial = initial;
  }

  order(orderId: string): Order | undefined {
    return this.#orders.get(orderId) ?? this.#initial.orders.get(orderId);
  }

  user(userId: string): User | undefined {
    return this.#users.get(userId) ?? this.#initial.users.get(userId);
  }

  product(productId: string): Product | undefined {
    return this.#initial.products.get(productId);
  }

  *users(): Generator<User> {
    for (const [userId, user] of this.#initial.users) yield this.#users.get(userId) ?? user;
  }

  products(): Iterable<Product> {
    return this.#initial.products.values();
  }

  /** Carries a call out, once for its key: a repetition is answered with what is recorded, a different call is a conflict. */
  settle(call: ShopCall, rule: Rule): Settlement {
    const settled = this.#settled.get(call.key);
    if (settled !== undefined) {
      const isSame = settled.tool === call.tool && settled.argsDigest === call.argsDigest;
      return { answer: isSame ? settled.answer : KEY_CONFLICT, applied: false };
    }
    const outcome = rule.carryOut(this, call.args);
    if (outcome.kind === "done") this.#apply(outcome.changes);
    const answer = answerOf(outcome);
    this.#settled.set(call.key, { tool: call.tool, argsDigest: call.argsDigest, answer });
    return { answer, applied: outcome.kind === "done" };
  }

  #apply(changes: Changes): void {
    for (const order of changes.orders ?? []) this.#orders.set(order.order_id, order);
    for (const user of changes.users ?? []) this.#users.set(user.user_id, user);
  }

  /** The records that differ from the initial ones. A record changed and changed back does not. */
  changed(): ChangedRecords {
    const orders = this.#changedOf("orders", this.#orders);
    const users = this.#changedOf("users", this.#users);
    return { ...(orders && { orders }), ...(users && { users }) };
  }

  #changedOf<T>(collection: Collection, replaced: ReadonlyMap<string, T>): Record<string, T> | undefined {
    const changed = [...replaced].filter(
      ([id, record]) => canonicalJson(record) !== this.#initial.textOf(collection, id),
    );
    return changed.length === 0 ? undefined : Object.fromEntries(changed);
  }

  sha256(): string {
    const orders = new Map([...this.#orders].map(([id, order]) => [id, canonicalJson(order)]));
    const users = new Map([...this.#users].map(([id, user]) => [id, canonicalJson(user)]));
    return sha256(this.#initial.canonicalText({ orders, users }));
  }
}

const KEY_CONFLICT: Answer = { status: 409, body: { error: "this key was used for another call" } };

function answerOf(outcome: Outcome): Answer {
  return outcome.kind === "done"
    ? { status: 200, body: { result: outcome.result } }
    : { status: 422, body: { error: outcome.message } };
}
