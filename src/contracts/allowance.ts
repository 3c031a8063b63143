import { z } from "zod";

/** What the budgets of a tenant and of its principals count: millionths of a US dollar, and tokens of models. */
export const FUNDS = ["costMicroUsd", "tokens"] as const;
const FundsDimension = z.enum(FUNDS);
export type FundsDimension = z.infer<typeof FundsDimension>;

const Amount = z.int().nonnegative().max(1_000_000_000_000_000);
export const Funds = z.strictObject({ costMicroUsd: Amount, tokens: Amount });
export type Funds = Readonly<z.infer<typeof Funds>>;

/** Days and months of UTC. */
export const PERIODS = ["day", "month"] as const;
const PeriodName = z.enum(PERIODS);
export type PeriodName = z.infer<typeof PeriodName>;

/** Whose budget it is: the whole tenant's, or that of the principal for whom the task works. */
export const ACCOUNTS = ["tenant", "principal"] as const;
const AccountName = z.enum(ACCOUNTS);
export type AccountName = z.infer<typeof AccountName>;

const Ceilings = Funds.partial();

/**
 * What an account may spend in a period, and what becomes of a task that would need more: it fails with its partial result, one
 * task asks a human for all of them (`approver`, else whom its agent asks), or that question climbs its agent's ladder.
 */
export const AccountTerms = z.strictObject({
  day: Ceilings.optional(),
  month: Ceilings.optional(),
  onLimit: z.enum(["fail", "ask", "escalate"]),
  approver: z.string().min(1).max(200).optional(),
});
export type AccountTerms = Readonly<z.infer<typeof AccountTerms>>;

/** How an account stands: `raisedTo` by a human, for the period; `alerted`: the highest of 50, 80 and 100 percent of which was told. */
export const AccountView = z.strictObject({
  /** Absent: the tenant as a whole. */
  principal: z.string().optional(),
  onLimit: AccountTerms.shape.onLimit,
  approver: z.string().optional(),
  limits: z.array(
    z.strictObject({
      period: PeriodName,
      periodKey: z.string(),
      endsAt: z.iso.datetime(),
      dimension: FundsDimension,
      limit: Amount,
      raisedTo: Amount.optional(),
      spent: z.int().nonnegative(),
      held: z.int().nonnegative(),
      alerted: z.int(),
    }),
  ),
});
export type AccountView = Readonly<z.infer<typeof AccountView>>;

/** Which tasks go first where not all can: `high` before `normal` before `low`, within a tenant. */
export const PRIORITIES = ["high", "normal", "low"] as const;
export const Priority = z.enum(PRIORITIES);
export type Priority = z.infer<typeof Priority>;

/** A ceiling of an account: `periodKey` names one day (`2026-11-27`) or month (`2026-11`). How high it is, is not shown without content. */
export const Ceiling = z.strictObject({
  account: AccountName,
  period: PeriodName,
  periodKey: z.string(),
  dimension: FundsDimension,
  ceiling: Amount,
});
export type Ceiling = Readonly<z.infer<typeof Ceiling>>;

/** Why a task waits. `shared`: the ceiling is not reached, but others hold what is left. */
export const WaitsFor = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("capacity") }),
  Ceiling.extend({ kind: z.literal("budget"), shared: z.boolean(), resetsAtMs: z.int() }),
]);
export type WaitsFor = Readonly<z.infer<typeof WaitsFor>>;

/** The same as whoever may read the task sees it: how high its tenant's ceilings are is not theirs to know. */
export const WaitsForView = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("capacity") }),
  z.strictObject({
    kind: z.literal("budget"),
    account: AccountName,
    period: PeriodName,
    dimension: FundsDimension,
    shared: z.boolean(),
    resetsAt: z.iso.datetime(),
  }),
]);
export type WaitsForView = Readonly<z.infer<typeof WaitsForView>>;

/** May an account's ceiling be raised for the rest of its period. */
export const FundsQuestion = Ceiling.extend({ kind: z.literal("funds"), raiseTo: Amount });
export type FundsQuestion = Readonly<z.infer<typeof FundsQuestion>>;

/** What a task that is at work is to do at a ceiling. `wait`: somebody is asked already, or others will give back. */
const Reaction = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("wait") }),
  z.strictObject({ kind: z.literal("fail") }),
  z.strictObject({
    kind: z.enum(["ask", "escalate"]),
    proposed: Amount,
    approver: z.string().optional(),
  }),
]);
export type Reaction = Readonly<z.infer<typeof Reaction>>;

/**
 * What a task holds after it has asked or given back: whether it has a place among the tasks at work, what it may still use, and what
 * it used that is counted by now (both since it was made, the second cumulative). `place`: where its place is, if these are limited.
 * `refused`: why it has nothing.
 */
export const Allowance = z.strictObject({
  placed: z.boolean(),
  place: z.string().max(100).optional(),
  held: Funds,
  counted: Funds,
  refused: z.strictObject({ why: WaitsFor, reaction: Reaction }).optional(),
});
export type Allowance = Readonly<z.infer<typeof Allowance>>;

/** What limits a task beside its own budget: pinned when it is made, and passed to its children. */
export const AllowanceTerms = z.strictObject({ budgets: z.boolean(), capacity: z.boolean() });
export type AllowanceTerms = Readonly<z.infer<typeof AllowanceTerms>>;
