import { z } from "zod";
import { type Approval, ApprovalDecision, ApprovalStatus } from "../contracts/approval.ts";
import { InboxPosition } from "../contracts/lists.ts";
import type { KeyHolder } from "./auth.ts";
import { type AddressedApproval, addressedApproval } from "./addressed.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { signLink } from "./link.ts";
import { type Asked, type Operation, type Reply, command, json, reading, replyTo } from "./operation.ts";
import { NOT_FOUND, Refusal } from "./problem.ts";
import { Cursor, pageSize } from "./queries.ts";
import { ApprovalView, InboxItem, approvalFor, inboxItemOf, seesContent } from "./views.ts";

const Inbox = z.strictObject({ items: z.array(InboxItem), next: z.string().optional() });

/** Whoever reads tasks sees all approvals of the tenant; whoever only decides sees those that they are asked. */
const MAY_LOOK = ["tasks:read", "approvals:decide"] as const;

const listApprovals = reading(
  {
    path: "/v1/approvals",
    summary: "The inbox, newest first, from an index that every question and answer reaches within seconds",
    scopes: MAY_LOOK,
    replies: {
      200: { description: "A page; without `next` it is the last", content: { "application/json": Inbox } },
    },
  },
  z.strictObject({
    state: ApprovalStatus.default("open"),
    approver: z.string().max(200).optional(),
    task: z.string().max(128).optional(),
    limit: pageSize(50, 200),
    cursor: Cursor.optional(),
  }),
  async ({ deps, caller, query }) => {
    const { state, task, limit, cursor } = query;
    const approver = seesAll(caller) ? query.approver : caller.principal;
    if (query.approver !== undefined && query.approver !== approver) return json({ items: [] });
    const filter = { state, approver, task };
    const use = { key: deps.cursorKey, list: "approvals", caller, filter } as const;
    const after = openCursor(use, cursor, InboxPosition);
    if (after instanceof Refusal) return after;
    const entries = await deps.inbox.list(caller.tenant, filter, { after, limit });
    const last = entries.length === limit ? entries.at(-1) : undefined;
    const next = last && sealCursor(use, { openedAtMs: last.openedAtMs, id: last.id });
    return json({ items: entries.map(inboxItemOf), next });
  },
);

const getApproval = reading(
  {
    path: "/v1/approvals/{id}",
    summary:
      "Reads an approval from its task's object, with a signed link for its approver where the caller may issue one",
    scopes: [...MAY_LOOK, "approvals:link"],
    replies: { 200: { description: "The approval", content: { "application/json": ApprovalView } } },
  },
  z.strictObject({}),
  async (asked) => {
    const found = await visibleApproval(asked);
    if (found instanceof Refusal) return found;
    const view = approvalFor(seesQuestion(asked.caller, found.approval), found.task, found.approval);
    return json({ ...view, link: linkFor(asked, found) });
  },
);

const decide = command(
  {
    path: "/v1/approvals/{id}/decision",
    summary: "Answers an approval, once",
    scopes: ["approvals:decide"],
    replies: {
      200: { description: "The approval, answered", content: { "application/json": ApprovalView } },
    },
    problems: ["approval_closed", "approval_expired", "assurance_too_low"],
  },
  ApprovalDecision,
  async (asked): Promise<Reply> => {
    const { caller, body } = asked;
    const found = await visibleApproval(asked);
    if (found instanceof Refusal) return found;
    const { id, task, handle, approval } = found;
    if (approval.approver !== caller.principal)
      return new Refusal("forbidden", "Only its approver answers an approval.");
    if (!caller.inOwnName)
      return new Refusal(
        "forbidden",
        "An approval is answered with its approver's own key, or by a signed link.",
      );
    const answer = await handle.answer({
      ...body,
      approval: id,
      by: caller.principal,
      assurance: "signedIn",
    });
    return replyTo(answer, (answered) => json(approvalFor(true, task, answered)));
  },
);

interface FoundApproval extends AddressedApproval {
  readonly approval: Approval;
}

/** H1. One hop, whether the approval is missing, or its caller may not see it. */
async function visibleApproval(asked: Asked): Promise<FoundApproval | Refusal> {
  const addressed = addressedApproval(asked);
  if (addressed instanceof Refusal) return addressed;
  const approval = await addressed.handle.approval(addressed.id);
  if (approval === null || !(seesAll(asked.caller) || isAsked(asked.caller, approval))) return NOT_FOUND;
  return { ...addressed, approval };
}

function seesAll({ scopes }: KeyHolder): boolean {
  return scopes.includes("tasks:read") || scopes.includes("approvals:link");
}

function isAsked({ principal, scopes }: KeyHolder, { approver }: Approval): boolean {
  return approver === principal && scopes.includes("approvals:decide");
}

/** Nobody can answer for what they do not see. */
function seesQuestion(caller: KeyHolder, approval: Approval): boolean {
  return seesContent(caller) || isAsked(caller, approval);
}

/** A link is worth no more than its assurance: where the approver must sign in, there is none. */
function linkFor({ deps, caller, url }: Asked, { task, id, approval }: FoundApproval): string | undefined {
  const { approver, assurance, state, expiresAtMs } = approval;
  if (!caller.scopes.includes("approvals:link") || assurance !== "link" || state !== "open") return undefined;
  const exp = Math.floor(expiresAtMs / 1_000);
  const token = signLink(deps.links, { tenant: caller.tenant, task, approval: id, recipient: approver, exp });
  return `${deps.publicOrigin ?? url.origin}/v1/approve/${token}`;
}

export const approvalRoutes: readonly Operation[] = [listApprovals, getApproval, decide];
