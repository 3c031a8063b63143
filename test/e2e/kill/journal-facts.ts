import type { Decision } from "../../../src/contracts/approval.ts";
import type { CommitRow } from "../../../src/contracts/journal.ts";
import type { Command } from "../../../src/core/task/command.ts";
import { decodeBody } from "../../../src/core/task/commit.ts";
import type { Event } from "../../../src/core/task/event.ts";
import { plainCanonicalJson, sha256 } from "../../retail/recorded-json.ts";

/** What a journal says of one call. Times are those of the commits. */
export interface CallFacts {
  readonly id: string;
  readonly turn: number;
  readonly index: number;
  readonly tool: string;
  /** As the tool servers take it of what arrives. */
  readonly argsDigest: string;
  readonly settledAtMs: readonly number[];
  /** Commits in which it was let go, and those in which a human's yes or no to it was taken. */
  readonly intendedSeqs: readonly number[];
  readonly answered: readonly { readonly seq: number; readonly atMs: number; readonly decision: Decision }[];
}

/** How one approval ended: answered as often as it was, or closed because its call settled. */
export interface ApprovalFacts {
  readonly id: string;
  /** The call that it asked about; null for a question about a budget. */
  readonly call: string | null;
  readonly approver: string;
  readonly answers: readonly { readonly decision: Decision; readonly by: string }[];
  readonly closedFor: string | null;
}

export interface JournalFacts {
  readonly calls: ReadonlyMap<string, CallFacts>;
  readonly approvals: ReadonlyMap<string, ApprovalFacts>;
}

interface Place {
  readonly seq: number;
  readonly atMs: number;
  readonly command: Command;
}

export function journalFacts(rows: readonly CommitRow[]): JournalFacts {
  const reader = new Reader();
  for (const row of rows) {
    const { command, events } = decodeBody(row);
    for (const event of events) reader.read(event, { seq: row.seq, atMs: row.atMs, command });
  }
  return reader;
}

/** Reads events one after the other, with nothing of the runtime's own fold. */
class Reader implements JournalFacts {
  readonly calls = new Map<string, CallFacts>();
  readonly approvals = new Map<string, ApprovalFacts>();
  #turn = 0;

  read(event: Event, place: Place): void {
    if (event.type === "modelCallIntended") this.#turn = event.turn;
    else if (event.type === "callProposed") this.#propose(event);
    else if (event.type === "callIntended")
      this.#amend(event.call, ({ intendedSeqs }) => ({ intendedSeqs: [...intendedSeqs, place.seq] }));
    else if (event.type === "callSettled")
      this.#amend(event.call, ({ settledAtMs }) => ({ settledAtMs: [...settledAtMs, place.atMs] }));
    else if (event.type === "approvalOpened") this.#open(event.approval);
    else if (event.type === "approvalAnswered") this.#answer(event.approval, place);
    else if (event.type === "approvalClosed") this.#close(event.approval, event.reason);
  }

  #propose({ call: id, index, tool, args }: Extract<Event, { type: "callProposed" }>): void {
    if (this.calls.has(id)) throw new Error(`${id} was proposed twice.`);
    const argsDigest = sha256(plainCanonicalJson(args));
    const nothing = { settledAtMs: [], intendedSeqs: [], answered: [] };
    this.calls.set(id, { id, turn: this.#turn, index, tool, argsDigest, ...nothing });
  }

  #open({ id, approver, question }: Extract<Event, { type: "approvalOpened" }>["approval"]): void {
    const call = "callId" in question ? question.callId : null;
    this.approvals.set(id, { id, call, approver, answers: [], closedFor: null });
  }

  #answer(id: string, { seq, atMs, command }: Place): void {
    const approval = this.approvals.get(id);
    if (approval === undefined || command.type !== "approvalAnswered")
      throw new Error(`${id} was answered out of the blue.`);
    const { decision, by } = command;
    this.approvals.set(id, { ...approval, answers: [...approval.answers, { decision, by }] });
    if (approval.call !== null)
      this.#amend(approval.call, ({ answered }) => ({ answered: [...answered, { seq, atMs, decision }] }));
  }

  #close(id: string, closedFor: string): void {
    const approval = this.approvals.get(id);
    if (approval === undefined) throw new Error(`${id} was closed out of the blue.`);
    this.approvals.set(id, { ...approval, closedFor });
  }

  #amend(id: string, change: (call: CallFacts) => Partial<CallFacts>): void {
    const call = this.calls.get(id);
    if (call === undefined) throw new Error(`${id} was never proposed.`);
    this.calls.set(id, { ...call, ...change(call) });
  }
}
