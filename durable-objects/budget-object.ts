import { DurableObject } from "cloudflare:workers";
import type { AccountTerms, AccountView } from "../src/contracts/allowance.ts";
import { type Account, type Calendar, limitsOf } from "../src/core/account.ts";
import { type BookTerms, type FundsAnswer, type FundsAsked, NO_TERMS } from "../src/core/account-asking.ts";
import { AccountBook, WHOLE } from "../src/core/account-book.ts";
import type { AccountPage, BudgetDoor } from "../src/guards/allowance-doors.ts";
import { AccountStore } from "../src/storage/account-store.ts";
import { D1AccountTerms } from "../src/storage/account-terms.ts";
import { calendarAt } from "./calendar.ts";
import { KnownTerms, type TermsByPrincipal } from "./known-terms.ts";
import { sqlOf, time } from "./platform.ts";
import { pokeTask } from "./poke.ts";

const SWEEP_MS = 3_600_000;
/** So many tasks are poked at a time: each that gets what it waits for leaves less for the next. */
const POKED_MAX = 20;

/**
 * The accounts of one tenant, found by its name. Whatever changes is durable before anybody hears of it; without its terms, which it
 * reads from D1, it answers nobody (B1).
 */
export class BudgetObject extends DurableObject<Env> implements BudgetDoor {
  readonly #store: AccountStore;
  #book: AccountBook;
  readonly #terms: KnownTerms;
  #sweptAtMs = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new AccountStore(sqlOf(ctx.storage));
    this.#book = this.#stored();
    this.#terms = new KnownTerms(() => new D1AccountTerms(env.DB).read(this.#tenant()), time);
  }

  async answer(asked: FundsAsked): Promise<Omit<FundsAnswer, "alerts" | "freed"> | null> {
    const terms = await this.#termsNow();
    const now = { calendar: calendarAt(Date.now()), nowMs: Date.now() };
    this.#sweep(now);
    const answer = this.#book.answer(asked, terms, now);
    if (answer === null) return null;
    this.#write();
    const { alerts, freed, ...rest } = answer;
    for (const alert of alerts) this.#tell({ ...alert, principal: asked.principal });
    if (freed) this.#pokeNext(terms, now);
    return rest;
  }

  /** Somebody changed what accounts may spend: whoever waits may ask again. */
  async termsChanged(): Promise<void> {
    this.#terms.changed();
    const terms = await this.#termsNow();
    const now = { calendar: calendarAt(Date.now()), nowMs: Date.now() };
    this.#book.declare(terms, now.calendar);
    this.#write();
    this.#pokeNext(terms, now);
  }

  async accounts({ after, limit }: AccountPage): Promise<readonly AccountView[]> {
    const byPrincipal = await this.#terms.now();
    const calendar = calendarAt(Date.now());
    const names = new Set([WHOLE, ...byPrincipal.keys(), ...this.#book.principals()]);
    names.delete("*");
    const behind = [...names].filter((name) => after === undefined || name > after.principal).toSorted();
    const views = behind.flatMap((name) => {
      const terms = termsOf(byPrincipal, name);
      return terms === null ? [] : [{ name, terms }];
    });
    return views
      .slice(0, limit)
      .map(({ name, terms }) => viewOf(this.#book.account(name, calendar), { name, terms, calendar }));
  }

  async #termsNow(): Promise<BookTerms> {
    const byPrincipal = await this.#terms.now();
    return {
      tenant: termsOf(byPrincipal, WHOLE) ?? NO_TERMS,
      principal: (name) => termsOf(byPrincipal, name) ?? NO_TERMS,
    };
  }

  /** What could not be written has not happened. */
  #write(): void {
    try {
      this.#store.write(this.#book.changes());
    } catch (error) {
      this.#book = this.#stored();
      throw error;
    }
  }

  #sweep(now: { readonly calendar: Calendar; readonly nowMs: number }): void {
    if (now.nowMs - this.#sweptAtMs < SWEEP_MS) return;
    this.#sweptAtMs = now.nowMs;
    this.#book.sweep(now);
  }

  /** One line of JSON in the operator's log, which an alarm of theirs may look for. */
  #tell(alert: FundsAnswer["alerts"][number] & { readonly principal: string }): void {
    const { principal, ...rest } = alert;
    const of = alert.account === "principal" ? { principal } : {};
    // oxlint-disable-next-line no-console -- a Worker's log is its console
    console.warn(JSON.stringify({ message: "budget alert", tenant: this.#tenant(), ...of, ...rest }));
  }

  #pokeNext(terms: BookTerms, now: { readonly calendar: Calendar; readonly nowMs: number }): void {
    for (const task of this.#book.couldGo(terms, now, POKED_MAX))
      this.ctx.waitUntil(pokeTask(this.env, this.#tenant(), task));
  }

  #stored(): AccountBook {
    return new AccountBook(this.#store.accounts(), this.#store.holdings());
  }

  #tenant(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new TypeError("A tenant's budgets are found by its name.");
    return name;
  }
}

function termsOf(byPrincipal: TermsByPrincipal, name: string): AccountTerms | null {
  return byPrincipal.get(name) ?? (name === WHOLE ? null : (byPrincipal.get("*") ?? null));
}

function viewOf(
  account: Account,
  { name, terms, calendar }: { name: string; terms: AccountTerms; calendar: Calendar },
): AccountView {
  const { onLimit, approver } = terms;
  const limits = limitsOf(account, terms).map(({ period, dimension, limit, declared }) => {
    const { spent, overrun, alerted } = account[period];
    return {
      period,
      periodKey: account[period].key,
      endsAt: new Date(calendar[period].endsAtMs).toISOString(),
      dimension,
      limit: declared,
      ...(limit > declared && { raisedTo: limit }),
      spent: spent[dimension] + overrun[dimension],
      held: account.held[dimension],
      alerted: alerted[dimension],
    };
  });
  return {
    ...(name !== WHOLE && { principal: name }),
    onLimit,
    ...(approver !== undefined && { approver }),
    limits,
  };
}
