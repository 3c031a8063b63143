import { z } from "zod";
import { PrincipalName } from "../contracts/access.ts";
import { AccountTerms, AccountView } from "../contracts/allowance.ts";
import { type Operation, type Reply, command, json, reading } from "./operation.ts";

const Accounts = z.strictObject({
  items: z
    .array(AccountView)
    .describe("The tenant as a whole first, then principals that have a budget or used one"),
});

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
    replies: { 200: { description: "The accounts", content: { "application/json": Accounts } } },
  },
  z.strictObject({}),
  async ({ deps, caller }): Promise<Reply> => json({ items: await deps.budgets.accounts(caller.tenant) }),
);

const setBudget = command(
  {
    path: "/v1/budgets",
    summary:
      "Sets or removes one budget. It holds at once for tasks that are under budgets, and for new tasks within a minute",
    scopes: ["budgets:write"],
    replies: { 200: { description: "The accounts", content: { "application/json": Accounts } } },
  },
  SetBudget,
  async ({ deps, caller, body }): Promise<Reply> => {
    await deps.budgets.set(caller.tenant, body.principal ?? "", body.terms);
    return json({ items: await deps.budgets.accounts(caller.tenant) });
  },
);

export const budgetRoutes: readonly Operation[] = [readBudgets, setBudget];
