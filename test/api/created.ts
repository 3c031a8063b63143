import { agent } from "./fixtures.ts";
import type { World } from "./world.ts";

export const BODY = { agent: agent.name, input: { text: "Refund my order" } };

/** Asks for a task, and says what came of it. */
export async function created(world: World, of: Parameters<World["call"]>[2] = {}) {
  const response = await world.call("POST", "/v1/tasks", { body: BODY, ...of });
  const location = response.headers.get("location") ?? "";
  return { response, location, order: world.task(location.split("/").at(-1) ?? "").order };
}
