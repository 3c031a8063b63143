import { type Allowance, FUNDS, type Funds, type FundsQuestion } from "../../contracts/allowance.ts";
import type { Amounts } from "../../contracts/budget.ts";
import { ZERO, eachFund } from "../account.ts";
import { type Call, type HeldAllowance, type TaskState, isLive, isSettled, openCalls } from "./state.ts";
import type { AllowanceAnswered } from "./command.ts";
import { servingOf } from "./serving.ts";
import { statusOf } from "./status.ts";

const NONE: HeldAllowance = { n: 0, returning: false, placed: false, held: ZERO, counted: ZERO };

export function allowanceOf({ allowance }: TaskState): HeldAllowance {
  return allowance ?? NONE;
}

/** What the task used itself since it was made, its children's part left out. */
export function usedFunds({ usage }: TaskState): Funds {
  const uses = Object.values(usage).flatMap(({ models }) => Object.values(models));
  return eachFund((d) => uses.reduce((sum, use) => sum + use[d], 0));
}

/** B1. Whether what the task holds covers a call: always, where nothing limits it but its own budget. */
export function covers(state: TaskState, wanted: Amounts): boolean {
  if (state.order.allowance === undefined) return true;
  const { placed, returning, held, counted } = allowanceOf(state);
  if (returning || !placed) return false;
  const used = usedFunds(state);
  return !state.order.allowance.budgets || FUNDS.every((d) => held[d] - (used[d] - counted[d]) >= wanted[d]);
}

/** What is to be asked of those who keep budgets and places, or given back to them. */
export interface AllowanceAsk {
  readonly n: number;
  readonly used: Funds;
  readonly counted: Funds;
  /** The worst case of the next call of the model; null: the task gives back all that it holds. */
  readonly wanted: Funds | null;
  /** A ceiling that a human let be raised, or did not, as long as nobody has heard it. */
  readonly answered: {
    readonly approval: string;
    readonly question: FundsQuestion;
    readonly approved: boolean;
  } | null;
}

/** Null when there is nothing to ask and nothing to give back. */
export function allowanceToAsk(state: TaskState): AllowanceAsk | null {
  if (state.order.allowance === undefined) return null;
  const { n, returning, counted } = allowanceOf(state);
  const wanted = returning ? null : fundsWanted(state);
  if (!returning && wanted === null) return null;
  return { n: n + 1, used: usedFunds(state), counted, wanted, answered: answeredQuestion(state) };
}

/** What the task is told of its asking. Who had no place for it did not ask those who keep the budgets, and they heard nothing. */
export function answerTo({ n, wanted, answered }: AllowanceAsk, allowance: Allowance): AllowanceAnswered {
  const isHeard = answered !== null && allowance.refused?.why.kind !== "capacity";
  const answer = { type: "allowanceAnswered", n, gaveBack: wanted === null, allowance } as const;
  return isHeard ? { ...answer, heard: answered.approval } : answer;
}

/** What a task wants that cannot begin, or go on, without it; nothing while it is paused. */
function fundsWanted(state: TaskState): Funds | null {
  const { phase, paused, turns } = state;
  if (paused || !waitsForAllowance(state)) return null;
  const turn = phase.kind === "thinking" ? phase.model.turn : turns.length + 1;
  const serving = servingOf(state, turn, state.health ?? null);
  return serving.ok ? eachFund((d) => serving.wanted[d]) : ZERO;
}

export function waitsForAllowance({ order, phase }: TaskState): boolean {
  if (order.allowance === undefined) return false;
  return phase.kind === "queued" || (phase.kind === "thinking" && phase.model.progress.at === "unfunded");
}

export function mayHold(state: TaskState): boolean {
  const { placed, held } = allowanceOf(state);
  return placed || FUNDS.some((d) => held[d] > 0);
}

/** Whether a task does not need what it holds: it has ended, or nothing of it can run before somebody else has acted. */
export function isIdle(state: TaskState): boolean {
  const { phase, paused } = state;
  if (!isLive(state) || statusOf(state) === "waiting_approval") return true;
  if (phase.kind === "thinking") return paused && ["unfunded", "retrying"].includes(phase.model.progress.at);
  if (phase.kind === "acting") return openCalls(state).every((call) => isSettled(call) || isWithOthers(call));
  return phase.kind === "resting";
}

/** Waits for a human, or for a child, which asks for itself. */
function isWithOthers({ recruited, progress }: Call): boolean {
  return progress.at === "held" || (recruited && progress.at === "claimed");
}

export function withAllowance(state: TaskState, { n, allowance, heard }: AllowanceAnswered): TaskState {
  return {
    ...state,
    allowance: { ...heardBefore(state), ...(heard && { heard }), ...allowance, n, returning: false },
  };
}

export function returned(state: TaskState): TaskState {
  const { n, counted, place } = allowanceOf(state);
  const nothing = { placed: false, held: ZERO, returning: true, ...(place !== undefined && { place }) };
  return { ...state, allowance: { ...heardBefore(state), ...nothing, n, counted } };
}

function heardBefore(state: TaskState): Pick<HeldAllowance, "heard"> {
  const { heard } = allowanceOf(state);
  return heard === undefined ? {} : { heard };
}

/** What somebody said of the last ceiling that was asked about, or did not say in time: nothing, while somebody may still answer. */
function answeredQuestion(state: TaskState): AllowanceAsk["answered"] {
  const last = state.approvals.findLast(({ question }) => question.kind === "funds");
  if (last?.question.kind !== "funds" || !SAID.has(last.state)) return null;
  const { id: approval, question } = last;
  if (approval === allowanceOf(state).heard) return null;
  return { approval, question, approved: last.state === "approved" };
}

const SAID: ReadonlySet<string> = new Set(["approved", "denied", "expired"]);
