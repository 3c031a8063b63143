import { ACCOUNTS, type AccountName, FUNDS, type Funds } from "../contracts/allowance.ts";
import {
  type Account,
  type Calendar,
  type Holding,
  type Now,
  ZERO,
  alertsOf,
  eachFund,
  holds,
  limitsOf,
  openAccount,
  roomIn,
  spending,
  turned,
} from "./account.ts";
import { type BookTerms, type FundsAnswer, type FundsAsked, termsOf } from "./account-asking.ts";
import { AccountLine } from "./account-line.ts";
import {
  type Held,
  type Obstacle,
  answerHeard,
  askedNoMore,
  declaredAnew,
  firstObstacle,
  refusalAt,
} from "./account-limit.ts";

/** A call is given funds for so many of its kind at once, as long as that is little of what is left. */
const CALLS_AHEAD = 8;
/** Beyond the call itself, nobody gets more than this part of what is left. */
const AHEAD_SHARE = 1 / 16;
/** No call is out for so long: a task that says nothing for longer is taken to have used what it held. */
const SILENT_MS_MAX = 86_400_000;
/** That a task gave back is remembered for so long, against what it said before and comes late. */
const BACK_MS_MAX = 3_600_000;

/** Who waits and stands in no line is named by nobody, and comes back after so long. */
const NO_LINE_AGAIN_MS = 60_000;

/** The tenant's own account, beside those of its principals. */
export const WHOLE = "";

/**
 * The accounts of one tenant and its principals. What a task may use is set aside before it uses it, and counts in every period until
 * it is used or given back, so that nothing is spent that a ceiling does not cover (B1), whatever gets lost on the way: an asking that
 * comes twice is answered as before, one that is too old is not answered. Whoever keeps the book writes the two accounts and the
 * holding down before anybody hears an answer.
 */
export class AccountBook {
  readonly #accounts: Map<string, Account>;
  readonly #holdings: Map<string, Holding>;
  readonly #line = new AccountLine();
  readonly #changed = { accounts: new Set<string>(), holdings: new Set<string>() };

  constructor(
    accounts: Iterable<readonly [string, Account]> = [],
    holdings: Iterable<readonly [string, Holding]> = [],
  ) {
    this.#accounts = new Map(accounts);
    this.#holdings = new Map(holdings);
  }

  /** A principal's account, or (`WHOLE`) the tenant's. */
  account(name: string, calendar: Calendar): Account {
    return turned(this.#accounts.get(name) ?? openAccount(calendar), calendar);
  }

  /** Whose accounts there are. */
  principals(): readonly string[] {
    return [...this.#accounts.keys()].filter((name) => name !== WHOLE);
  }

  /** What is to be written down that has changed since this was last asked. */
  changes() {
    const [names, tasks] = [[...this.#changed.accounts], [...this.#changed.holdings]];
    this.#changed.accounts.clear();
    this.#changed.holdings.clear();
    return {
      accounts: names.flatMap((name) => entryOf(this.#accounts, name)),
      holdings: tasks.flatMap((task) => entryOf(this.#holdings, task)),
      forgotten: tasks.filter((task) => !this.#holdings.has(task)),
    };
  }

  answer(asked: FundsAsked, terms: BookTerms, now: Now): FundsAnswer | null {
    const known = this.#holdings.get(asked.task);
    if (known !== undefined && asked.n <= known.n) {
      if (asked.n < known.n || (known.back && asked.wanted !== null)) return null;
      if (known.back || asked.wanted !== null) return met(known);
    }
    const counted = this.#count(asked, known, now);
    this.#hear(asked, terms, now.calendar);
    if (asked.wanted === null) return this.#takeBack(asked, counted, { terms, now });
    const limits = this.#limits(asked.principal, terms, now.calendar);
    const obstacle = firstObstacle(limits, asked.wanted, this.#line.needBefore(asked, now.nowMs));
    const answer =
      obstacle === null
        ? this.#give(asked, asked.wanted, { limits, counted, terms, now })
        : this.#refuse({ ...asked, wanted: asked.wanted }, obstacle, { counted, known, terms, now });
    const { held } = answer.allowance;
    const isLess = known !== undefined && FUNDS.some((d) => held[d] < known.held[d]);
    return { ...answer, freed: isLess || asked.answered !== null };
  }

  /** Of those who wait, the first so many who would be met if they asked at once, in their order. */
  couldGo(terms: BookTerms, { calendar, nowMs }: Now, most: number): readonly string[] {
    const limits = new Map<string, readonly Held[]>();
    const could: string[] = [];
    for (const [{ task, principal, need }, needBefore] of this.#line.inOrder(nowMs)) {
      const of = limits.get(principal) ?? this.#limits(principal, terms, calendar);
      limits.set(principal, of);
      if (firstObstacle(of, need, needBefore) === null) could.push(task);
      if (could.length === most) break;
    }
    return could;
  }

  /** Ceilings were declared anew. */
  declare(terms: BookTerms, calendar: Calendar): void {
    for (const name of this.#accounts.keys()) {
      const of = name === WHOLE ? terms.tenant : terms.principal(name);
      this.#keepAccount(name, declaredAnew(this.account(name, calendar), of));
    }
  }

  /** What silent tasks hold counts as used. */
  sweep({ calendar, nowMs }: Now): void {
    for (const [task, { principal, held, back, atMs }] of this.#holdings) {
      if (nowMs - atMs <= (back ? BACK_MS_MAX : SILENT_MS_MAX)) continue;
      this.#change(principal, calendar, (account) => spending(account, { used: held, overrun: ZERO }));
      this.#holdings.delete(task);
      this.#changed.holdings.add(task);
    }
  }

  /** What the task used since it was last counted is spent; what else it held is free again. Says what is counted now. */
  #count(
    { principal, used, counted: told }: FundsAsked,
    known: Holding | undefined,
    { calendar }: Now,
  ): Funds {
    const counted = known?.counted ?? told;
    const held = known?.held ?? ZERO;
    const since = eachFund((d) => Math.max(0, used[d] - counted[d]));
    const within = eachFund((d) => Math.min(since[d], held[d]));
    const overrun = eachFund((d) => since[d] - within[d]);
    const unused = eachFund((d) => within[d] - held[d]);
    this.#change(principal, calendar, (account) =>
      holds(spending(account, { used: within, overrun }), unused),
    );
    return eachFund((d) => Math.max(used[d], counted[d]));
  }

  #hear({ principal, answered }: FundsAsked, terms: BookTerms, calendar: Calendar): void {
    if (answered === null) return;
    const { account } = answered.question;
    const name = nameOf(account, principal);
    const of = termsOf(terms, account, principal);
    this.#keepAccount(name, answerHeard(this.account(name, calendar), of, answered));
  }

  #takeBack(
    { task, principal, n }: FundsAsked,
    counted: Funds,
    { terms, now: { calendar, nowMs } }: { terms: BookTerms; now: Now },
  ): FundsAnswer {
    const back: Holding = { principal, n, held: ZERO, counted, back: true, atMs: nowMs };
    this.#change(principal, calendar, (account) => askedNoMore(account, task));
    this.#keepHolding(task, back);
    this.#line.leave(task);
    return { ...met(back), alerts: this.#alerts(principal, terms, calendar, null), freed: true };
  }

  #give(
    { task, principal, n }: FundsAsked,
    wanted: Funds,
    of: { limits: readonly Held[]; counted: Funds; terms: BookTerms; now: Now },
  ): FundsAnswer {
    const { limits, counted, terms, now } = of;
    const held = eachFund((d) => {
      const least = Math.min(
        ...limits.flatMap(({ state, limit }) => (limit.dimension === d ? [roomIn(state, limit)] : [])),
      );
      const ahead = Math.min(wanted[d] * (CALLS_AHEAD - 1), Math.floor((least - wanted[d]) * AHEAD_SHARE));
      return wanted[d] + Math.max(0, ahead);
    });
    this.#change(principal, now.calendar, (account) => askedNoMore(holds(account, held), task));
    const given: Holding = { principal, n, held, counted, back: false, atMs: now.nowMs };
    this.#keepHolding(task, given);
    this.#line.leave(task);
    return { ...met(given), alerts: this.#alerts(principal, terms, now.calendar, null) };
  }

  #refuse(
    asked: FundsAsked & { readonly wanted: Funds },
    obstacle: Obstacle,
    of: { counted: Funds; known: Holding | undefined; terms: BookTerms; now: Now },
  ): FundsAnswer {
    const { task, principal } = asked;
    const { counted, known, terms, now } = of;
    const { account, refused, againInMs } = refusalAt(
      obstacle,
      asked,
      termsOf(terms, obstacle.account, principal),
      now,
    );
    this.#keepAccount(nameOf(obstacle.account, principal), account);
    const n = known?.n ?? 0;
    this.#keepHolding(task, {
      principal,
      n,
      held: ZERO,
      counted,
      back: known?.back ?? true,
      atMs: now.nowMs,
    });
    const { account: name, shared } = obstacle;
    const inLine = this.#line.join({ ...asked, need: asked.wanted, account: name, shared }, now.nowMs);
    const laterMs = inLine ? againInMs : Math.max(againInMs, NO_LINE_AGAIN_MS);
    const alerts = this.#alerts(principal, terms, now.calendar, obstacle.shared ? null : obstacle);
    return { allowance: { held: ZERO, counted, refused }, againInMs: laterMs, alerts, freed: false };
  }

  #limits(principal: string, terms: BookTerms, calendar: Calendar): readonly Held[] {
    return ACCOUNTS.flatMap((account) => {
      const state = this.account(nameOf(account, principal), calendar);
      return limitsOf(state, termsOf(terms, account, principal)).map((limit) => ({ account, state, limit }));
    });
  }

  #alerts(
    principal: string,
    terms: BookTerms,
    calendar: Calendar,
    reached: Obstacle | null,
  ): FundsAnswer["alerts"] {
    return ACCOUNTS.flatMap((name) => {
      const before = this.account(nameOf(name, principal), calendar);
      const at = reached?.account === name ? reached.limit : null;
      const { account, alerts } = alertsOf(before, termsOf(terms, name, principal), at);
      this.#keepAccount(nameOf(name, principal), account);
      return alerts.map((alert) => ({ ...alert, account: name }));
    });
  }

  #change(principal: string, calendar: Calendar, how: (account: Account) => Account): void {
    for (const name of [WHOLE, principal]) this.#keepAccount(name, how(this.account(name, calendar)));
  }

  #keepAccount(name: string, account: Account): void {
    if (!isSame(this.#accounts.get(name), account)) this.#changed.accounts.add(name);
    this.#accounts.set(name, account);
  }

  /** Of one who is only heard of again, the time is noted now and then, long before it would be taken for silent. */
  #keepHolding(task: string, holding: Holding): void {
    const known = this.#holdings.get(task);
    const isOld = known === undefined || holding.atMs - known.atMs > BACK_MS_MAX / 2;
    if (!isOld && isSame({ ...known, atMs: holding.atMs }, holding)) return;
    this.#holdings.set(task, holding);
    this.#changed.holdings.add(task);
  }
}

function nameOf(account: AccountName, principal: string): string {
  return account === "tenant" ? WHOLE : principal;
}

function entryOf<T>(of: ReadonlyMap<string, T>, name: string): readonly (readonly [string, T])[] {
  const value = of.get(name);
  return value === undefined ? [] : [[name, value]];
}

/** Both are plain JSON, made in the same way. */
function isSame<T>(a: T | undefined, b: T): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function met({ held, counted }: Holding): FundsAnswer {
  return { allowance: { held, counted }, alerts: [], freed: false };
}
