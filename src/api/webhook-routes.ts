import { JSON_TYPE, readText } from "./body.ts";
import { type Operation, open } from "./operation.ts";
import { parseTaskName } from "../task-name.ts";
import { NOT_FOUND, Refusal } from "./problem.ts";

const openAIEvent = open(
  {
    method: "post",
    path: "/v1/webhooks/openai",
    summary: "A signed webhook of OpenAI: a response that it worked at in the background has ended",
    replies: { 204: { description: "It is taken note of, or is nothing to any task" } },
    problems: ["not_found", "signature_invalid", "unavailable"],
  },
  async ({ deps, request }) => {
    const { openAIWebhook } = deps;
    if (openAIWebhook === null) return NOT_FOUND;
    const text = await readText(request, [JSON_TYPE]);
    if (text instanceof Refusal) return text;
    const heard = await openAIWebhook.hear(text, request.headers).catch(() => "untold" as const);
    if (heard === "forged") return new Refusal("signature_invalid", "OpenAI did not sign this.");
    if (heard === "untold") return UNTOLD;
    if (heard !== "nothing") {
      const name = parseTaskName(heard.task);
      const handle = name && deps.tasks(heard.tenant, name);
      await handle?.poke();
    }
    return new Response(null, { status: 204 });
  },
);

/** OpenAI sends it again later. */
const UNTOLD = new Refusal("unavailable", "Whose response this is cannot be told now.");

export const webhookRoutes: readonly Operation[] = [openAIEvent];
