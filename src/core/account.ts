import {
  type AccountTerms,
  FUNDS,
  type Funds,
  type FundsDimension,
  PERIODS,
  type PeriodName,
} from "../contracts/allowance.ts";

/** The day and the month that it is, and when each ends. */
export type Calendar = Readonly<Record<PeriodName, { readonly key: string; readonly endsAtMs: number }>>;

export interface Now {
  readonly calendar: Calendar;
  readonly nowMs: number;
}

/** Shares of a ceiling, in percent, at which somebody is told. */
export const ALERT_LEVELS = [50, 80, 100] as const;

export interface Raise {
  readonly to: number;
  readonly declared: number;
}

/** What happened to an account in one period. */
export interface PeriodSum {
  readonly key: string;
  readonly spent: Funds;
  /** B1. What was used above what was held, kept apart. */
  readonly overrun: Funds;
  /** Ceilings that a human raised for this period alone, each as it was declared then: a newly declared one ends that. */
  readonly raised: Partial<Record<FundsDimension, Raise>>;
  /** The highest level of which somebody was told, in percent. */
  readonly alerted: Funds;
  /** The task that asks a human for all of them, and until when. */
  readonly asker: { readonly task: string; readonly untilMs: number } | null;
  /** Ceilings that a human did not let be raised: nobody is asked again about them in this period. */
  readonly closed: Partial<Funds>;
}

/** B1. spent + held <= limit, for each period and dimension that has a limit. `held` is what tasks may still use, whenever they do. */
export interface Account {
  readonly day: PeriodSum;
  readonly month: PeriodSum;
  readonly held: Funds;
}

/** What a task holds, as the book knows it. `n`: its last asking that was met; `back`: that gave all back. */
export interface Holding {
  readonly principal: string;
  readonly n: number;
  readonly held: Funds;
  readonly counted: Funds;
  readonly back: boolean;
  readonly atMs: number;
}

export interface Alert {
  readonly period: PeriodName;
  readonly periodKey: string;
  readonly dimension: FundsDimension;
  /** In percent of the limit. */
  readonly level: number;
  readonly spent: number;
  readonly limit: number;
}

export const ZERO: Funds = { costMicroUsd: 0, tokens: 0 };

export function openAccount(calendar: Calendar): Account {
  return { day: emptySum(calendar.day.key), month: emptySum(calendar.month.key), held: ZERO };
}

/** The account in the periods of now: a new day or month begins with nothing spent, and what is held then counts in it. */
export function turned(account: Account, calendar: Calendar): Account {
  const { day, month } = account;
  return {
    ...account,
    day: day.key === calendar.day.key ? day : emptySum(calendar.day.key),
    month: month.key === calendar.month.key ? month : emptySum(calendar.month.key),
  };
}

/** What is held grows, or shrinks by as much as comes back. */
export function holds(account: Account, by: Funds): Account {
  return { ...account, held: plusFunds(account.held, by) };
}

/** Counts what was used of what was held: it is held no more, and spent in the periods of now. */
export function spending(account: Account, { used, overrun }: { used: Funds; overrun: Funds }): Account {
  const inPeriod = (sum: PeriodSum): PeriodSum => ({
    ...sum,
    spent: plusFunds(sum.spent, used),
    overrun: plusFunds(sum.overrun, overrun),
  });
  return {
    day: inPeriod(account.day),
    month: inPeriod(account.month),
    held: eachFund((d) => account.held[d] - used[d]),
  };
}

export function withPeriod(account: Account, period: PeriodName, change: Partial<PeriodSum>): Account {
  return { ...account, [period]: { ...account[period], ...change } };
}

/** A ceiling that an account has now: as its terms say, or as a human raised it. */
export interface Limit {
  readonly period: PeriodName;
  readonly dimension: FundsDimension;
  readonly limit: number;
  readonly declared: number;
}

export function limitsOf(account: Account, terms: AccountTerms): readonly Limit[] {
  return PERIODS.flatMap((period) =>
    FUNDS.flatMap((dimension) => {
      const declared = terms[period]?.[dimension];
      if (declared === undefined) return [];
      const raise = account[period].raised[dimension];
      const limit = raise?.declared === declared ? raise.to : declared;
      return [{ period, dimension, limit, declared }];
    }),
  );
}

/** What nobody has spent and nobody holds. Less than nothing when a ceiling was lowered. */
export function roomIn(account: Account, { period, dimension, limit }: Limit): number {
  return limit - account[period].spent[dimension] - account.held[dimension];
}

/** What has been reached since somebody was last told, and the account that knows that. `reached`: a task was turned away there. */
export function alertsOf(
  account: Account,
  terms: AccountTerms,
  reached: Limit | null,
): { readonly account: Account; readonly alerts: readonly Alert[] } {
  const alerts: Alert[] = [];
  let known = account;
  for (const limit of limitsOf(account, terms)) {
    const { period, dimension } = limit;
    const sum = known[period];
    const isFull = reached?.period === period && reached.dimension === dimension;
    const level = isFull ? 100 : levelOf(sum.spent[dimension] + sum.overrun[dimension], limit.limit);
    if (level <= sum.alerted[dimension]) continue;
    known = withPeriod(known, period, { alerted: { ...sum.alerted, [dimension]: level } });
    const spent = sum.spent[dimension] + sum.overrun[dimension];
    alerts.push({ period, periodKey: sum.key, dimension, level, spent, limit: limit.limit });
  }
  return { account: known, alerts };
}

function levelOf(spent: number, limit: number): number {
  return ALERT_LEVELS.findLast((level) => spent * 100 >= limit * level) ?? 0;
}

function emptySum(key: string): PeriodSum {
  return { key, spent: ZERO, overrun: ZERO, raised: {}, alerted: ZERO, asker: null, closed: {} };
}

export function plusFunds(a: Funds, b: Funds): Funds {
  return eachFund((d) => a[d] + b[d]);
}

export function eachFund(of: (dimension: FundsDimension) => number): Funds {
  return { costMicroUsd: of("costMicroUsd"), tokens: of("tokens") };
}
