import {
  type AccountName,
  type AccountTerms,
  type Allowance,
  FUNDS,
  type Funds,
  type FundsQuestion,
  PERIODS,
  type Reaction,
} from "../contracts/allowance.ts";
import {
  type Account,
  type Limit,
  type Now,
  type PeriodSum,
  limitsOf,
  roomIn,
  withPeriod,
} from "./account.ts";
import type { NeedBefore } from "./account-line.ts";

/** A ceiling, and the account that it holds for. */
export interface Held {
  readonly account: AccountName;
  readonly state: Account;
  readonly limit: Limit;
}

/** A ceiling that is in a task's way. `shared`: it is not reached, but others hold what is left, or come first. */
export interface Obstacle extends Held {
  readonly shared: boolean;
}

/**
 * The ceiling in the way of what is wanted: one that is reached before one that is only shared with those before in line, and of these the
 * principal's before the tenant's, for whose line a task does not stand as long as its own principal's tasks keep it.
 */
export function firstObstacle(
  ceilings: readonly Held[],
  wanted: Funds,
  needBefore: NeedBefore,
): Obstacle | null {
  const reached = ceilings.find(
    ({ state, limit: { period, dimension, limit } }) =>
      state[period].spent[dimension] + wanted[dimension] > limit,
  );
  if (reached !== undefined) return { ...reached, shared: false };
  const shared = ceilings.filter(
    ({ account, state, limit }) =>
      roomIn(state, limit) - needBefore[account][limit.dimension] < wanted[limit.dimension],
  );
  const first = shared.find(({ account }) => account === "principal") ?? shared[0];
  return first === undefined ? null : { ...first, shared: true };
}

/** How often a task looks whether others have given back, and whether better times have come. */
const SHARED_AGAIN_MS = 15_000;
const FULL_AGAIN_MS = 300_000;

type Asking = {
  readonly task: string;
  readonly queued: boolean;
  readonly wanted: Funds;
  readonly askTtlMs: number;
};

/** Why a task has to do without, what it is to do then, and what its account remembers of that. */
export function refusalAt(
  { account: name, state, limit, shared }: Obstacle,
  asking: Asking,
  terms: AccountTerms,
  { calendar, nowMs }: Now,
): {
  readonly account: Account;
  readonly refused: NonNullable<Allowance["refused"]>;
  readonly againInMs: number;
} {
  const { period } = limit;
  const sum = state[period];
  const reaction: Reaction = shared ? { kind: "wait" } : reactionAt(sum, limit, { asking, terms, nowMs });
  const asks = reaction.kind === "ask" || reaction.kind === "escalate";
  const asker = asks ? { task: asking.task, untilMs: nowMs + asking.askTtlMs } : sum.asker;
  const { endsAtMs } = calendar[period];
  const ceiling = {
    account: name,
    period,
    periodKey: sum.key,
    dimension: limit.dimension,
    ceiling: limit.limit,
  };
  return {
    account: withPeriod(state, period, { asker }),
    refused: { why: { kind: "budget", ...ceiling, shared, resetsAtMs: endsAtMs }, reaction },
    againInMs: shared ? SHARED_AGAIN_MS : Math.min(FULL_AGAIN_MS, Math.max(1, endsAtMs - nowMs)),
  };
}

/** One task asks for all that meet the same ceiling; when a human has said no, the others need not ask. */
function reactionAt(
  sum: PeriodSum,
  { dimension, limit, declared }: Limit,
  { asking, terms, nowMs }: { asking: Asking; terms: AccountTerms; nowMs: number },
): Reaction {
  const wanted = asking.wanted[dimension];
  if (asking.queued) return { kind: wanted > limit ? "fail" : "wait" };
  const { onLimit, approver } = terms;
  if (onLimit === "fail" || sum.closed[dimension] === limit) return { kind: "fail" };
  if (sum.asker !== null && sum.asker.task !== asking.task && nowMs < sum.asker.untilMs)
    return { kind: "wait" };
  const proposed = limit + Math.max(declared, wanted);
  return approver === undefined ? { kind: onLimit, proposed } : { kind: onLimit, proposed, approver };
}

/** What a human said of a ceiling, for the period in which it was asked, while it is what was asked about: so it counts once. */
export function answerHeard(
  account: Account,
  terms: AccountTerms,
  { question, approved }: { readonly question: FundsQuestion; readonly approved: boolean },
): Account {
  const { period, periodKey, dimension, ceiling, raiseTo } = question;
  const sum = account[period];
  const limit = limitsOf(account, terms).find((one) => one.period === period && one.dimension === dimension);
  if (sum.key !== periodKey || limit?.limit !== ceiling) return account;
  if (!approved)
    return withPeriod(account, period, { closed: { ...sum.closed, [dimension]: ceiling }, asker: null });
  const raise = { to: raiseTo, declared: limit.declared };
  return withPeriod(account, period, { raised: { ...sum.raised, [dimension]: raise }, asker: null });
}

/** What a human raised ends with another ceiling, also when the one of before is declared again. */
export function declaredAnew(account: Account, terms: AccountTerms): Account {
  return PERIODS.reduce((known, period) => {
    const raised = Object.entries(known[period].raised);
    const kept = raised.filter(([dimension, { declared }]) =>
      FUNDS.some((d) => d === dimension && terms[period]?.[d] === declared),
    );
    return kept.length === raised.length
      ? known
      : withPeriod(known, period, { raised: Object.fromEntries(kept) });
  }, account);
}

/** Whoever asked a human for all of them has gone: the next one asks. */
export function askedNoMore(account: Account, task: string): Account {
  return PERIODS.reduce(
    (known, period) =>
      known[period].asker?.task === task ? withPeriod(known, period, { asker: null }) : known,
    account,
  );
}
