import { z } from "zod";
import { PrincipalName } from "../contracts/access.ts";
import { AccountTerms, AccountView } from "../contracts/allowance.ts";
import { AccountPosition } from "../contracts/lists.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { type Asked, type Operation, type Reply, command, json, reading } from "./operation.ts";
import { Refusal } from "./problem.ts";
import { Cursor, pageSize } from "./queries.ts";

const Accounts = z.strictObject({
  items: z
    .array(AccountView)
    .describe("The tenant as a whole first, then by name principals that have a budget or used one"),
  next: z.string().optional(),
});

const PAGE = { standard: 50, max: 200 } as const;
const aPage = {
  description: "A page; without `next` it is the last",
  content: { "application/json": Accounts },
};

const SetBudget = z.strictObject({
  principal: PrincipalName.optional().describe(
    "Whose budget it is; `*` for each principal that has none of its own. Without it, the tenant's as a whole",
  ),
  terms: AccountTerms.nullable().describe("Null: there is no limit any more"),
});

const readBudgets = reading(
  {
    path: "/v1/budgets",
    summary:
      "What the tenant and its principals may spend in this day and month (UTC), what is spent, and what tasks hold",
    scopes: ["budgets:read", "budgets:write"],
    replies: { 200: aPage },
  },
  z.strictObject({ limit: pageSize(PAGE.standard, PAGE.max), cursor: Cursor.optional() }),
  async (asked): Promise<Reply> => await pageOf(asked, asked.query),
);

const setBudget = command(
  {
    path: "/v1/budgets",
    summary:
      "Sets or removes one budget. It holds at once for tasks that are under budgets, and for new tasks within a minute",
    scopes: ["budgets:write"],
    replies: { 200: { ...aPage, description: "The first page of the accounts" } },
  },
  SetBudget,
  async (asked): Promise<Reply> => {
    const { deps, caller, body } = asked;
    await deps.budgets.set(caller.tenant, body.principal ?? "", body.terms);
    return await pageOf(asked, { limit: PAGE.standard });
  },
);

async function pageOf(
  { deps, caller }: Pick<Asked, "deps" | "caller">,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Reply> {
  const use = { key: deps.cursorKey, list: "budgets", caller, filter: {} } as const;
  const after = openCursor(use, cursor, AccountPosition);
  if (after instanceof Refusal) return after;
  const items = await deps.budgets.accounts(caller.tenant, { after, limit });
  const last = items.length === limit ? items.at(-1) : undefined;
  return json({ items, next: last && sealCursor(use, { principal: last.principal ?? "" }) });
}

export const budgetRoutes: readonly Operation[] = [readBudgets, setBudget];
