import { canonicalJson } from "./recorded-json.ts";
import type { Database, Order, Product, User } from "./records.ts";

export type Collection = "orders" | "users";

/** The records that every run starts from. Never changed, so all runs share it. */
export class InitialShop {
  readonly orders: ReadonlyMap<string, Order>;
  readonly products: ReadonlyMap<string, Product>;
  readonly users: ReadonlyMap<string, User>;
  readonly #texts: Readonly<Record<Collection, ReadonlyMap<string, string>>>;
  readonly #productsText: string;

  constructor(database: Database) {
    this.orders = new Map(Object.entries(database.orders));
    this.products = new Map(Object.entries(database.products));
    this.users = new Map(Object.entries(database.users));
    this.#texts = { orders: textsOf(this.orders), users: textsOf(this.users) };
    this.#productsText = joined(textsOf(this.products));
  }

  /** The canonical text of a record; undefined when there is none of that id. */
  textOf(collection: Collection, id: string): string | undefined {
    return this.#texts[collection].get(id);
  }

  /** The canonical text of a whole database in which the given records (by their canonical texts) replace the initial ones. */
  canonicalText(replaced: Readonly<Record<Collection, ReadonlyMap<string, string>>>): string {
    const orders = joined(new Map([...this.#texts.orders, ...replaced.orders]));
    const users = joined(new Map([...this.#texts.users, ...replaced.users]));
    return `{"orders":${orders},"products":${this.#productsText},"users":${users}}`;
  }
}

/** Sorted by id, as the canonical text has them. */
function textsOf(records: ReadonlyMap<string, unknown>): ReadonlyMap<string, string> {
  const ids = [...records.keys()].toSorted();
  return new Map(ids.map((id) => [id, canonicalJson(records.get(id))]));
}

function joined(texts: ReadonlyMap<string, string>): string {
  return `{${[...texts].map(([id, text]) => `${JSON.stringify(id)}:${text}`).join(",")}}`;
}
