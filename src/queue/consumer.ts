import { CallMessage } from "../contracts/queue.ts";
import type { ModelAnswer } from "../contracts/model.ts";
import type { ModelProvider } from "../model-ports.ts";
import type { CallDoor, ClaimedEffect, Settlement, TaskDoor, ToolGateway } from "../ports.ts";
import { Settlements } from "./settlements.ts";
import { type Place, Slots } from "./slots.ts";
import { StreamedText } from "./streamed-text.ts";

/** What a consumer asks of tasks: calls of one that is there, or that one is made. */
export type ConsumerDoor = CallDoor & Pick<TaskDoor, "create">;

/** What a consumer needs: the doors of tasks, and the hands to carry out what they let through. */
export interface ConsumerDeps {
  readonly door: (tenant: string, task: string) => ConsumerDoor;
  readonly models: ModelProvider;
  readonly tools: ToolGateway;
  readonly nowMs: () => number;
  /** True once the task has ended; false when `signal` aborts before, or when that cannot be told. */
  readonly ended: (tenant: string, task: string, signal: AbortSignal) => Promise<boolean>;
}

/** A message as a queue hands it over. */
export interface Delivery {
  readonly body: unknown;
  ack(): void;
  retry(options?: { readonly delaySeconds: number }): void;
}

/** What could not be told now is tried again a little later: an outage lasts longer than three tries in a row. */
const RETRY = { delaySeconds: 15 } as const;
/**
 * From then on, a consumer hears of the end of the task that it works for. Most calls are over by then, and what is left of them when
 * their task is canceled costs less than listening to all of them.
 */
const LISTEN_AFTER_MS = 20_000;

/**
 * Claims, carries out, settles: one claim per task and batch, and one settlement of what is done at about the same time. A claim that
 * fails sends its messages back to the queue; after it, they are done with, since what was claimed and never settles is resolved by
 * the task itself (E2). A task's calls are claimed when there is a connection for the first of them, so that no lease runs out behind
 * another task's calls (N1).
 */
export async function consumeCalls(deliveries: readonly Delivery[], deps: ConsumerDeps): Promise<void> {
  const slots = new Slots();
  await Promise.all(groupsOf(deliveries).map((group) => consumeGroup(group, slots, deps)));
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
      else delivery.retry(RETRY);
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

async function consumeGroup(group: Group, slots: Slots, deps: ConsumerDeps): Promise<void> {
  const places = await slots.admit(group.claims.length);
  const claimed = await claim(group, deps);
  for (const place of places.slice(claimed?.length ?? 0)) place.leave();
  if (claimed === null) {
    for (const delivery of group.deliveries) delivery.retry(RETRY);
    return;
  }
  if (claimed.length > 0) await carryOutAll(group, claimed, { places, deps });
  for (const delivery of group.deliveries) delivery.ack();
}

/** Null when the task cannot be asked now. */
async function claim(
  { tenant, task, claims }: Group,
  { door }: ConsumerDeps,
): Promise<readonly ClaimedEffect[] | null> {
  try {
    return await door(tenant, task).claim(claims);
  } catch {
    return null;
  }
}

/** A task that ends (it is canceled, say) takes back what is out for it. */
async function carryOutAll(
  group: Group,
  claimed: readonly ClaimedEffect[],
  { places, deps }: { places: readonly Place[]; deps: ConsumerDeps },
): Promise<void> {
  const { tenant, task } = group;
  const settlements = new Settlements(() => deps.door(tenant, task));
  const takenBack = new AbortController();
  const done = new AbortController();
  const listen = async (): Promise<void> => {
    if (await deps.ended(tenant, task, done.signal).catch(() => false)) takenBack.abort();
  };
  AbortSignal.timeout(LISTEN_AFTER_MS).addEventListener("abort", () => {
    if (!done.signal.aborted) void listen();
  });
  const carriedOut = places.slice(0, claimed.length).map(async (place, i) => {
    const effect = claimed[i];
    const hands = { group, place, takenBack: takenBack.signal, deps };
    const settlement =
      effect?.kind === "child" ? await makeChild(effect, hands) : effect && (await carryOut(effect, hands));
    if (settlement) settlements.add(settlement);
  });
  await Promise.all(carriedOut);
  done.abort();
  await settlements.end();
}

interface Hands {
  readonly group: Group;
  readonly place: Place;
  readonly takenBack: AbortSignal;
  readonly deps: ConsumerDeps;
}

/** A child settles its call itself; only one that cannot be made is settled here. What gets lost on the way is found missing later. */
async function makeChild(
  { order, id, attempt }: Extract<ClaimedEffect, { kind: "child" }>,
  { group, place, deps }: Hands,
): Promise<Settlement | null> {
  try {
    const answer = await deps.door(group.tenant, order.task).create(order);
    if (answer.ok) return null;
    const error = {
      code: "internal",
      message: `The child could not be made: ${answer.code}.`,
      retryable: false,
    } as const;
    return { kind: "tool", id, attempt, latencyMs: 0, result: { kind: "failed", error } };
  } catch {
    return null;
  } finally {
    place.leave();
  }
}

/**
 * Every call begins at once, and the platform lets it out when there is a connection, in the order in which they began: that is when
 * its turn comes, and its time begins.
 */
async function carryOut(
  effect: Exclude<ClaimedEffect, { kind: "child" }>,
  { group, place, takenBack, deps }: Hands,
): Promise<Settlement> {
  const { id, attempt, leaseUntilMs } = effect;
  const { timeoutMs } = effect.kind === "tool" ? effect.request.tool : effect.request.model;
  const stop = new AbortController();
  const heed = (signal: AbortSignal): void => {
    signal.addEventListener("abort", () => stop.abort(signal.reason), { once: true });
  };
  heed(takenBack);
  let outSinceMs = deps.nowMs();
  void place.turn.then(() => {
    outSinceMs = deps.nowMs();
    heed(AbortSignal.timeout(Math.max(1, Math.min(timeoutMs, leaseUntilMs - outSinceMs))));
  });
  const of = { id, attempt };
  try {
    if (effect.kind === "tool") {
      const result = await deps.tools.execute(effect.request, stop.signal);
      return { kind: "tool", ...of, latencyMs: deps.nowMs() - outSinceMs, result };
    }
    const reply = await askModel(effect, stop.signal, { door: deps.door(group.tenant, group.task), deps });
    return { kind: "model", ...of, latencyMs: deps.nowMs() - outSinceMs, reply };
  } finally {
    place.leave();
  }
}

/** A queued model call is streamed only when someone reads along. */
async function askModel(
  effect: Extract<ClaimedEffect, { kind: "model" }>,
  signal: AbortSignal,
  { door, deps }: { door: CallDoor; deps: ConsumerDeps },
): Promise<ModelAnswer> {
  if (!effect.streamed) return deps.models.complete(effect.request, signal);
  const streamed = new StreamedText((text) => door.partial(effect.id, effect.attempt, text), deps.nowMs);
  const reply = await deps.models.complete(effect.request, signal, (text) => streamed.push(text));
  await streamed.end();
  return reply;
}

async function told(tell: () => Promise<void>): Promise<boolean> {
  try {
    await tell();
    return true;
  } catch {
    return false;
  }
}
