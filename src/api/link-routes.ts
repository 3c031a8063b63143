import { type Approval, ApprovalDecision } from "../contracts/approval.ts";
import type { JsonObject } from "../contracts/json.ts";
import { parseStrictJson } from "../strict-json.ts";
import { parseTaskName } from "../task-name.ts";
import { answeredPage, approvalPage, refusedPage } from "./approve-page.ts";
import { FORM_TYPE, JSON_TYPE, mediaTypeOf, readText } from "./body.ts";
import type { TaskHandle } from "./deps.ts";
import { LINK_INVALID, type LinkClaims, openLink } from "./link.ts";
import { type Arrival, type Operation, type Reply, json, open } from "./operation.ts";
import { Refusal, TOO_MANY, invalid } from "./problem.ts";
import { fieldsOf } from "./queries.ts";
import { ApprovalView, approvalFor } from "./views.ts";

const PATH = "/v1/approve/{token}";
const PROBLEMS = ["link_invalid", "link_expired"] as const;

/** A1. What a signed link leads to. */
interface Linked {
  readonly handle: TaskHandle;
  readonly approval: Approval;
}

const showApproval = open(
  {
    method: "get",
    path: PATH,
    summary: "The page of a signed link. It changes nothing, however often and by whomever it is fetched",
    replies: {
      200: { description: "What is asked, and a form to answer it", content: { "text/html": null } },
    },
    problems: PROBLEMS,
  },
  async (arrival) => {
    const claims = claimsIn(arrival);
    const linked = claims instanceof Refusal ? claims : await linkedApproval(arrival, claims);
    if (claims instanceof Refusal) return refusedTo(arrival.request, claims);
    if (linked instanceof Refusal) return refusedTo(arrival.request, linked);
    const task = await linked.handle.view();
    if (task === null) return refusedTo(arrival.request, LINK_INVALID);
    return approvalPage(approvalFor(true, claims.task, linked.approval), task);
  },
);

const answerApproval = open(
  {
    method: "post",
    path: PATH,
    summary: "Answers an approval by its signed link, once",
    form: ApprovalDecision,
    replies: {
      200: {
        description: "The answer is recorded",
        content: { "text/html": null, "application/json": ApprovalView },
      },
    },
    problems: [...PROBLEMS, "approval_closed", "approval_expired", "assurance_too_low"],
  },
  async (arrival) => {
    const answered = await answer(arrival);
    if (answered instanceof Refusal) return refusedTo(arrival.request, answered);
    return wantsPage(arrival.request) ? answeredPage(answered) : json(answered);
  },
);

async function answer(arrival: Arrival): Promise<ApprovalView | Refusal> {
  const claims = claimsIn(arrival);
  if (claims instanceof Refusal) return claims;
  const decision = await decisionIn(arrival);
  if (decision instanceof Refusal) return decision;
  const linked = await linkedApproval(arrival, claims);
  if (linked instanceof Refusal) return linked;
  const { approval, recipient: by, task } = claims;
  const answered = await linked.handle.answer({ ...decision, approval, by, assurance: "link" });
  if (answered === null) return LINK_INVALID;
  return answered.ok ? approvalFor(true, task, answered.value) : new Refusal(answered.code, answered.detail);
}

function claimsIn({ deps, params }: Arrival): LinkClaims | Refusal {
  return openLink(deps.links, params["token"] ?? "", deps.clock.nowMs());
}

/** A link whose approval is gone, or is somebody else's to answer, is worth no more than a forged one. */
async function linkedApproval(
  { deps }: Arrival,
  { tenant, task, approval: id, recipient }: LinkClaims,
): Promise<Linked | Refusal> {
  if (!(await deps.admitRequest(tenant))) return TOO_MANY;
  const name = parseTaskName(task);
  const handle = name === null ? null : deps.tasks(tenant, name);
  const approval = handle === null ? null : await handle.approval(id);
  return handle === null || approval?.approver !== recipient ? LINK_INVALID : { handle, approval };
}

/** The decision, from the page's form or as JSON. */
async function decisionIn({ request, deps }: Arrival): Promise<ApprovalDecision | Refusal> {
  const body = await readText(request, [FORM_TYPE, JSON_TYPE]);
  if (body instanceof Refusal) return body;
  const sent = mediaTypeOf(request) === JSON_TYPE ? parseStrictJson(body) : formOf(body);
  if (!sent.ok) return new Refusal("malformed_json", sent.reason);
  const decision = ApprovalDecision.safeParse(deps.scrub(sent.value, JSON.stringify(sent.value)));
  return decision.success ? decision.data : invalid("body", decision.error);
}

/** A field that is left empty is not given. */
function formOf(body: string): { readonly ok: true; readonly value: JsonObject } {
  const fields = Object.entries(fieldsOf(new URLSearchParams(body)));
  return { ok: true, value: Object.fromEntries(fields.filter(([, value]) => value !== "")) };
}

/** People get a page, programs a problem document. */
function refusedTo(request: Request, refusal: Refusal): Reply {
  return wantsPage(request) ? refusedPage(refusal) : refusal;
}

function wantsPage({ headers }: Request): boolean {
  return (headers.get("accept") ?? "").includes("text/html");
}

export const linkRoutes: readonly Operation[] = [showApproval, answerApproval];
