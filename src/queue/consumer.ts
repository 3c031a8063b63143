import { CallMessage } from "../contracts/queue.ts";
import type { ModelReply } from "../contracts/model.ts";
import type { CallDoor, ClaimedEffect, ModelProvider, Settlement, ToolGateway } from "../ports.ts";
import { StreamedText } from "./streamed-text.ts";

/** What a consumer needs: the doors of tasks, and the hands to carry out what they let through. */
export interface ConsumerDeps {
  readonly door: (tenant: string, task: string) => CallDoor;
  readonly models: ModelProvider;
  readonly tools: ToolGateway;
  readonly nowMs: () => number;
}

/** A message as a queue hands it over. */
export interface Delivery {
  readonly body: unknown;
  ack(): void;
  retry(): void;
}

/** Tries to hand a settlement in, before the lease is left to run out. */
const SETTLE_TRIES = 3;

/**
 * Claims, carries out, settles: one claim and one settlement per task and batch. A claim that fails sends its messages back to the
 * queue; after it, they are done with, since what was claimed and never settles is resolved by the task itself (E2).
 */
export async function consumeCalls(deliveries: readonly Delivery[], deps: ConsumerDeps): Promise<void> {
  await Promise.all(groupsOf(deliveries).map((group) => consumeGroup(group, deps)));
}

/** Messages that no consumer could take: what they asked for and was never claimed is settled as not carried out. */
export async function consumeDead(
  deliveries: readonly Delivery[],
  deps: Pick<ConsumerDeps, "door">,
): Promise<void> {
  for (const group of groupsOf(deliveries)) {
    const done = await told(() => deps.door(group.tenant, group.task).giveUp(group.claims));
    for (const delivery of group.deliveries) {
      if (done) delivery.ack();
      else delivery.retry();
    }
  }
}

interface Group {
  readonly tenant: string;
  readonly task: string;
  readonly claims: CallMessage["claims"];
  readonly deliveries: readonly Delivery[];
}

/** What is not one of our messages will not become one: it is dropped. */
function groupsOf(deliveries: readonly Delivery[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const delivery of deliveries) {
    const message = CallMessage.safeParse(delivery.body);
    if (!message.success) {
      delivery.ack();
      continue;
    }
    const { tenant, task, claims } = message.data;
    const key = `${tenant}/${task}`;
    const group = groups.get(key) ?? { tenant, task, claims: [], deliveries: [] };
    groups.set(key, {
      ...group,
      claims: [...group.claims, ...claims],
      deliveries: [...group.deliveries, delivery],
    });
  }
  return [...groups.values()];
}

async function consumeGroup(group: Group, deps: ConsumerDeps): Promise<void> {
  const door = deps.door(group.tenant, group.task);
  let claimed: readonly ClaimedEffect[];
  try {
    claimed = await door.claim(group.claims);
  } catch {
    for (const delivery of group.deliveries) delivery.retry();
    return;
  }
  const settlements = await Promise.all(claimed.map((effect) => carryOut(effect, door, deps)));
  if (settlements.length > 0) await settle(group, settlements, deps);
  for (const delivery of group.deliveries) delivery.ack();
}

async function carryOut(effect: ClaimedEffect, door: CallDoor, deps: ConsumerDeps): Promise<Settlement> {
  const { id, attempt, leaseUntilMs } = effect;
  const beganMs = deps.nowMs();
  const { timeoutMs } = effect.kind === "tool" ? effect.request.tool : effect.request.model;
  const signal = AbortSignal.timeout(Math.max(1, Math.min(timeoutMs, leaseUntilMs - beganMs)));
  if (effect.kind === "tool") {
    const result = await deps.tools.execute(effect.request, signal);
    return { kind: "tool", id, attempt, latencyMs: deps.nowMs() - beganMs, result };
  }
  const reply = await askModel(effect, signal, { door, deps });
  return { kind: "model", id, attempt, latencyMs: deps.nowMs() - beganMs, reply };
}

/** A queued model call is streamed only when someone reads along. */
async function askModel(
  effect: Extract<ClaimedEffect, { kind: "model" }>,
  signal: AbortSignal,
  { door, deps }: { door: CallDoor; deps: ConsumerDeps },
): Promise<ModelReply> {
  if (!effect.streamed) return deps.models.complete(effect.request, signal);
  const streamed = new StreamedText((text) => door.partial(text), deps.nowMs);
  const reply = await deps.models.complete(effect.request, signal, (text) => streamed.push(text));
  await streamed.end();
  return reply;
}

/** A stub that has met its object's death only repeats that error: each try goes through a door of its own. */
async function settle(
  { tenant, task }: Group,
  settlements: readonly Settlement[],
  { door }: ConsumerDeps,
): Promise<void> {
  for (let tries = 0; tries < SETTLE_TRIES; tries++)
    if (await told(() => door(tenant, task).settle(settlements))) return;
}

async function told(tell: () => Promise<void>): Promise<boolean> {
  try {
    await tell();
    return true;
  } catch {
    return false;
  }
}
