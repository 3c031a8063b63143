import type { AccountView, Allowance, AllowanceTerms, Priority } from "../contracts/allowance.ts";
import type { AccountPosition } from "../contracts/lists.ts";
import type { FundsAnswer, FundsAsked } from "../core/account-asking.ts";
import type { Candidate } from "../core/admission.ts";
import type { AllowanceAsk } from "../core/task/allowance.ts";

/** The task that asks. */
export interface Applicant {
  readonly tenant: string;
  readonly task: string;
  readonly principal: string;
  readonly priority: Priority;
  readonly terms: AllowanceTerms;
  readonly queued: boolean;
  readonly begun: boolean;
  readonly askTtlMs: number;
  /** Where it has a place, if it has one. */
  readonly place: string | null;
}

/**
 * Gives tasks leave to work, and takes it back. Rejects when it cannot be asked: then nothing is let through (B1). Asked twice the same,
 * it answers the same.
 */
export interface Allowances {
  /** `againInMs`: when one that was refused may look again. */
  answer(
    of: Applicant,
    ask: AllowanceAsk,
  ): Promise<{ readonly allowance: Allowance; readonly againInMs?: number }>;
}

/** The accounts of one tenant and of its principals. Durable. */
export interface BudgetDoor {
  /** Null: the asking is older than what is known. */
  answer(asked: FundsAsked): Promise<Omit<FundsAnswer, "alerts" | "freed"> | null>;
  /** What accounts may spend was changed. */
  termsChanged(): Promise<void>;
  /** A page of them, the tenant's own first, then those of principals by name. */
  accounts(page: AccountPage): Promise<readonly AccountView[]>;
}

export interface AccountPage {
  readonly after?: AccountPosition | undefined;
  readonly limit: number;
}

/** Places among the tasks at work. Durable. */
export interface AdmissionDoor {
  /** Whether it has a place now. One that has none stands in line, and is poked when its turn comes. */
  enter(one: Candidate, max: number): Promise<boolean>;
  /** `n`: with which asking. Whoever is next is poked. */
  leave(task: string, n: number, max: number): Promise<void>;
  /** The place that was just taken is free again, and the same asking may come again. */
  stepBack(task: string, seat: string, max: number): Promise<void>;
}

/** A task as those who keep budgets and places find it. */
export interface WaitingDoor {
  /** What the task waits for may be there: it looks at once. */
  poke(): Promise<void>;
}
