import type {
  AccountName,
  AccountTerms,
  Allowance,
  Funds,
  FundsQuestion,
  Priority,
} from "../contracts/allowance.ts";
import type { Alert } from "./account.ts";

/** A task that wants leave for its next call, or gives back what it holds (`wanted` null). What it used is cumulative. */
export interface FundsAsked {
  readonly task: string;
  readonly principal: string;
  readonly priority: Priority;
  /** It has not begun: it waits for better times, and asks nobody. */
  readonly queued: boolean;
  readonly n: number;
  readonly used: Funds;
  /** What it knows to be counted of that. */
  readonly counted: Funds;
  readonly wanted: Funds | null;
  /** What a human said of a ceiling that this task asked about. */
  readonly answered: { readonly question: FundsQuestion; readonly approved: boolean } | null;
  /** For how long a human whom it asks has time. */
  readonly askTtlMs: number;
}

/** What may be spent, by the tenant as a whole and by each principal. Whoever has no terms has no limit, and is counted all the same. */
export interface BookTerms {
  readonly tenant: AccountTerms;
  readonly principal: (name: string) => AccountTerms;
}

export interface FundsAnswer {
  readonly allowance: Omit<Allowance, "placed">;
  /** When a task that was refused looks again, at the latest. */
  readonly againInMs?: number;
  readonly alerts: readonly (Alert & { readonly account: AccountName })[];
  /** Something came back, or a ceiling rose: others may be met now. */
  readonly freed: boolean;
}

export const NO_TERMS: AccountTerms = { onLimit: "fail" };

export function termsOf(terms: BookTerms, name: AccountName, principal: string): AccountTerms {
  return name === "tenant" ? terms.tenant : terms.principal(principal);
}
