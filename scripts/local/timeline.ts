import type { Approval } from "../../src/contracts/approval.ts";
import type { Command } from "../../src/core/task/command.ts";
import {
  type ApprovalEvent,
  type CallEvent,
  type Event,
  type JoinEvent,
  type ModelEvent,
  type TaskEvent,
  isApprovalEvent,
  isCallEvent,
  isJoinEvent,
  isModelEvent,
} from "../../src/core/task/event.ts";
import { TEXT_AT, count, duration, ends, row, usd } from "./layout.ts";
import type { Paint } from "./paint.ts";
import {
  argsText,
  joinText,
  modelText,
  outcomeText,
  questionText,
  verdictText,
  waitsText,
} from "./wording.ts";

/** A commit as the API tells it to who may see content. */
export interface TimelineCommit {
  readonly seq: number;
  readonly at: string;
  readonly command: Command;
  readonly events: readonly Event[];
}

interface Proposal {
  readonly tool: string;
  readonly args: string;
  shown: boolean;
  judged: number;
}

/** Tells a task's commits as lines for a terminal. Takes every commit once, in order, from the first. */
export class Timeline {
  readonly #paint: Paint;
  readonly #proposals = new Map<string, Proposal>();
  readonly #approvals = new Map<string, Approval>();
  #turn = 0;
  #calls = 0;
  #tokens = 0;
  #costMicroUsd = 0;
  #waitedMs = 0;
  #createdAtMs = 0;

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  take(commit: TimelineCommit): readonly string[] {
    return commit.events.flatMap((event) => this.#tell(event, commit));
  }

  #tell(event: Event, commit: TimelineCommit): readonly string[] {
    if (isModelEvent(event)) return this.#tellModel(event, commit);
    if (isCallEvent(event)) return this.#tellCall(event, commit);
    if (isJoinEvent(event)) return this.#tellJoin(event);
    if (isApprovalEvent(event)) return this.#tellApproval(event, commit);
    return this.#tellTask(event, commit);
  }

  #tellTask(event: TaskEvent, commit: TimelineCommit): readonly string[] {
    switch (event.type) {
      case "taskCreated":
        this.#createdAtMs = Date.parse(commit.at);
        return [];
      case "taskPaused":
        return this.#row("paused", `by ${event.by}`, "yellow");
      case "taskUnpaused":
        return this.#row("goes on", `by ${event.by}`);
      case "rightsChanged":
        return this.#row(
          "rights",
          event.authorityActive
            ? "the task's API key is valid again"
            : "the task's API key is no longer valid",
          "yellow",
        );
      case "limitReached":
        return this.#row(
          "limit",
          `${event.dimension}: ${event.needed} more would pass the limit of ${event.limit}`,
          "yellow",
        );
      case "stepEscalated":
        return this.#row(
          "escalated",
          `${event.handOff.detail} The step goes to rung ${event.rung + 1}`,
          "yellow",
        );
      case "allowanceAnswered":
        return this.#waits(commit);
      case "limitExtended":
        return this.#row("limit", `${event.dimension}: raised to ${event.to}`);
      case "taskResumed":
        return this.#row("resumed", `by ${event.by}, from checkpoint ${event.checkpoint}`);
      case "taskCompleted":
        return this.#ended(commit, "completed", event.answer);
      case "taskFailed":
        return this.#ended(commit, "failed", `${event.error.code}: ${event.error.message}`);
      case "taskCanceled":
        return this.#ended(commit, "canceled", `by ${event.by}: ${event.reason}`);
      case "taskStarted":
      case "turnEnded":
      case "planRevised":
      case "parentTold":
      case "allowanceReturned":
      case "stepFailed":
      case "stepDelegated":
      case "strayEnded":
      case "strayOverdue":
        return [];
    }
  }

  #waits({ command }: TimelineCommit): readonly string[] {
    const refused = command.type === "allowanceAnswered" ? command.allowance.refused : undefined;
    return refused === undefined ? [] : this.#row("waits", waitsText(refused.why), "yellow");
  }

  #tellJoin(event: JoinEvent): readonly string[] {
    return event.type === "joinOpened" ? [] : this.#row("join", joinText(event.report));
  }

  #tellModel(event: ModelEvent, { command }: TimelineCommit): readonly string[] {
    switch (event.type) {
      case "modelCallIntended":
      case "modelCallHeld":
      case "modelCallUnfunded":
        this.#turn = event.turn;
        return [];
      case "modelReplied":
        return this.#replied(event, command);
      case "modelCallFailed":
        this.#tokens += event.used.tokens;
        this.#costMicroUsd += event.used.costMicroUsd;
        return event.interrupted
          ? this.#row(
              "restart",
              "the runtime was restarted while the model was asked; it is asked again",
              "yellow",
            )
          : this.#row("model", `failed: ${event.failure.code}: ${event.failure.message}`, "red");
      case "modelCallSubmitted":
        return this.#row("model", "works at it in the background");
      case "responseDropped":
      case "modelCallReadied":
      case "modelCallResent":
      case "modelCallClaimed":
      case "outputStreamed":
        return [];
    }
  }

  #replied(event: Extract<ModelEvent, { type: "modelReplied" }>, command: Command): readonly string[] {
    const { tokens, costMicroUsd } = event.used;
    this.#tokens += tokens;
    this.#costMicroUsd += costMicroUsd;
    if (command.type !== "modelReplied") return [];
    const figures = [count(tokens, "token"), usd(costMicroUsd), duration(command.latencyMs)].join("  ");
    const heading = ends(`turn ${this.#turn}`, figures);
    const text = modelText(command.reply);
    return ["", this.#paint("bold", heading), ...(text === "" ? [] : row("model", text))];
  }

  #tellCall(event: CallEvent, { command }: TimelineCommit): readonly string[] {
    const proposal = this.#proposals.get(event.call);
    const name = proposal?.tool ?? event.call;
    switch (event.type) {
      case "callProposed":
        this.#calls++;
        this.#proposals.set(event.call, {
          tool: event.tool,
          args: argsText(event.args),
          shown: false,
          judged: 0,
        });
        return [];
      case "callJudged":
        return [...this.#propose(proposal), ...this.#judged(event, proposal)];
      case "callReadied":
        return event.interrupted
          ? this.#row(
              "restart",
              `the runtime was restarted while ${name} was out; it is sent again with the same key`,
              "yellow",
            )
          : [];
      case "callRetryScheduled":
        return this.#row("retry", `${name}: ${event.error.code}: ${event.error.message}`, "yellow");
      case "readBackIntended":
        return this.#row(
          "recovery",
          `${name}: nobody knows whether it took effect, so it is read back`,
          "yellow",
        );
      case "readBackPostponed":
        return this.#row(
          "recovery",
          `${name} was not found; it may still take effect, so it is read again`,
          "yellow",
        );
      case "callSettled": {
        const { text, ok } = outcomeText(event, command);
        return [
          ...this.#propose(proposal),
          ...this.#row(ok ? "done" : "error", `${name}${text}`, ok ? "green" : "red"),
        ];
      }
      case "callIntended":
      case "callResent":
      case "callClaimed":
      case "callHeld":
        return [];
    }
  }

  /** A proposal is told with what first becomes of it, so that several of one reply do not run together. */
  #propose(proposal: Proposal | undefined): readonly string[] {
    if (proposal === undefined || proposal.shown) return [];
    proposal.shown = true;
    return this.#row("proposal", `${proposal.tool} ${proposal.args}`, "cyan");
  }

  #judged(
    { verdict }: Extract<CallEvent, { type: "callJudged" }>,
    proposal: Proposal | undefined,
  ): readonly string[] {
    const again = (proposal?.judged ?? 0) > 0;
    if (proposal !== undefined) proposal.judged++;
    const style = { allow: "green", ask: "yellow", refuse: "red" } as const;
    return this.#row("verdict", verdictText(verdict, again), style[verdict.decision]);
  }

  #tellApproval(event: ApprovalEvent, { at, command }: TimelineCommit): readonly string[] {
    if (event.type === "approvalOpened") {
      this.#approvals.set(event.approval.id, event.approval);
      return this.#row("approval", questionText(event.approval), "yellow");
    }
    const opened = this.#approvals.get(event.approval);
    const afterMs = opened === undefined ? 0 : Date.parse(at) - opened.openedAtMs;
    this.#waitedMs += afterMs;
    if (event.type === "approvalClosed")
      return this.#row("approval", `${event.state}: ${event.reason}`, "yellow");
    if (command.type !== "approvalAnswered") return [];
    const { decision, by, assurance, comment } = command;
    const [said, style] =
      decision === "approve" ? (["approved", "green"] as const) : (["denied", "red"] as const);
    const how = assurance === "link" ? `with the link issued to ${by}` : `by ${by}, signed in`;
    const why = comment === undefined ? "" : `: ${comment}`;
    return this.#row("approval", `${said} ${how}, after ${duration(afterMs)}${why}`, style);
  }

  #ended(
    { at }: TimelineCommit,
    status: "completed" | "failed" | "canceled",
    text: string,
  ): readonly string[] {
    const tookMs = Date.parse(at) - this.#createdAtMs;
    const waited = this.#waitedMs === 0 ? "" : `, of which ${duration(this.#waitedMs)} waiting for approvals`;
    const figures = [
      count(this.#turn, "turn"),
      count(this.#calls, "call"),
      count(this.#tokens, "token"),
      usd(this.#costMicroUsd),
    ];
    return [
      "",
      this.#paint(status === "completed" ? "green" : "red", `${status} after ${duration(tookMs)}${waited}`),
      ...row(status === "completed" ? "answer" : "reason", text),
      ...row("spent", figures.join(", ")),
    ];
  }

  #row(label: string, text: string, style?: Parameters<Paint>[0]): readonly string[] {
    const [first = "", ...more] = row(label, text);
    if (style === undefined) return [first, ...more];
    return [`${this.#paint(style, first.slice(0, TEXT_AT))}${first.slice(TEXT_AT)}`, ...more];
  }
}
