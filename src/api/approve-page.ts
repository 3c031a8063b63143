import { createHash } from "node:crypto";
import type { TaskView } from "../contracts/task.ts";
import type { Refusal } from "./problem.ts";
import type { ApprovalView } from "./views.ts";

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 42rem; padding: 1.5rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid; border-radius: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
label { display: block; font-weight: 600; }
textarea { box-sizing: border-box; width: 100%; font: inherit; }
button { font: inherit; font-weight: 600; padding: .6rem 1.4rem; margin: 1rem 1rem 0 0; border: 2px solid; border-radius: .5rem; cursor: pointer; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
`;

/** No script, no frame, nothing from elsewhere; the token stays out of referrers and caches. */
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex",
} as const;

/** The page behind a signed link: what is asked, and a form to answer it that needs no script. */
export function approvalPage(view: ApprovalView, asker: Pick<TaskView, "agent" | "principal">): Response {
  const { question } = view;
  const title = view.state === "open" ? titleOf(view) : "This approval is no longer open";
  return page(
    200,
    title,
    `<h1>${text(title)}</h1>
<dl>
${fact("Asked by", `agent ${asker.agent}, on behalf of ${asker.principal}`)}
${fact("Asked of", view.approver)}
${fact("Task", view.task)}
${view.childOf === undefined ? "" : fact("Child of", kinOf(view.childOf))}
${fact("Open until", view.expiresAt)}
${fact("State", STATES[view.state])}
</dl>
${detailsOf(question)}
${view.state === "open" ? FORM : ""}`,
  );
}

/** What came of an answer. */
export function answeredPage(view: ApprovalView): Response {
  const title = view.state === "approved" ? "Approved" : "Denied";
  return page(200, title, `<h1>${title}</h1><p>Your answer is recorded. You can close this page.</p>`);
}

/** Why there is nothing to answer, or why it was not answered. */
export function refusedPage({ status, title, detail }: Refusal): Response {
  return page(status, title, `<h1>${text(title)}</h1><p>${text(detail)}</p>`);
}

const STATES = {
  open: "waiting for an answer",
  approved: "approved",
  denied: "denied",
  expired: "expired without an answer",
  closed: "closed because the task went on without it",
} as const satisfies Record<ApprovalView["state"], string>;

const FORM = `<form method="post">
<label for="comment">Comment (optional)</label>
<textarea id="comment" name="comment" rows="3" maxlength="2000"></textarea>
<button type="submit" name="decision" value="approve">Approve</button>
<button type="submit" name="decision" value="deny">Deny</button>
</form>`;

function kinOf({ task, root }: NonNullable<ApprovalView["childOf"]>): string {
  return task === root ? task : `${task}, which works for ${root}`;
}

function titleOf({ question }: ApprovalView): string {
  switch (question.kind) {
    case "call":
      return `May ${question.tool} be carried out?`;
    case "resend":
      return `Shall ${question.tool} be sent again?`;
    case "budget":
      return `May the limit of ${question.dimension} be raised?`;
    case "funds":
      return `May the ${question.account}'s limit of ${question.dimension} for this ${question.period} be raised?`;
    case "handOff":
      return `May the task go on with its turn ${question.turn}, which failed?`;
    case "join":
      return `May the task go on with what ${question.join} brought?`;
  }
}

function detailsOf(question: ApprovalView["question"]): string {
  if (question.kind === "funds") {
    const { ceiling, raiseTo } = question;
    return `<dl>${fact("Limit now", String(ceiling))}${fact("Limit asked for", String(raiseTo))}</dl>`;
  }
  if (question.kind === "budget") {
    return `<dl>${fact("Limit now", String(question.limit))}${fact("Limit asked for", String(question.proposed))}</dl>`;
  }
  if (question.kind === "handOff") {
    const { because, detail, tried, asked } = question.handOff ?? {};
    const facts = `<dl>${fact("Failed by", because ?? "")}${fact("In detail", detail ?? "")}${fact("Asked for", asked ?? "")}</dl>`;
    return `<p>Your comment goes to the model as guidance.</p>${facts}<h2>Tried</h2>${json(tried)}`;
  }
  if (question.kind === "join") {
    const { missing, conflicts } = question;
    return `<h2>Missing</h2>${json(missing)}<h2>In conflict</h2>${json(conflicts)}`;
  }
  const warning =
    question.kind === "resend"
      ? "<p>It was sent once and nobody knows whether it took effect. Look before you answer: approving may do it twice.</p>"
      : "";
  return `${warning}<h2>Arguments</h2>${json(question.args)}`;
}

function json(value: unknown): string {
  return `<pre tabindex="0">${text(JSON.stringify(value, null, 2))}</pre>`;
}

function fact(term: string, value: string): string {
  return `<dt>${term}</dt><dd>${text(value)}</dd>`;
}

/** What others wrote stays text. */
function text(value: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return value.replaceAll(/[&<>"']/g, (unit) => entities[unit] ?? unit);
}

function page(status: number, title: string, body: string): Response {
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)} · Countersign</title><style>${STYLE}</style></head>
<body><main>
${body}
</main></body></html>
`;
  return new Response(html, { status, headers: HEADERS });
}
