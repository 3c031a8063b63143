import type { Approval } from "../../src/contracts/approval.ts";
import type { NewTask } from "../../src/contracts/task.ts";
import type { Answer, ApprovalAnswer, TaskDoor } from "../../src/ports.ts";
import { APPROVERS } from "./scenario.ts";
import type { World } from "./world.ts";

const TRIES_MAX = 6;
const RESUMES_MAX = 3;

/** Those who start tasks, answer questions and interfere: late, twice, wrongly, or never. */
export class People {
  readonly #world: World;
  readonly #door: (task: string) => TaskDoor;
  readonly #resumes = new Map<string, number>();

  constructor(world: World, door: (task: string) => TaskDoor) {
    this.#world = world;
    this.#door = door;
  }

  /** Asks for a task until it is there, and now and then once more. */
  async start(order: NewTask): Promise<void> {
    const { random, timeline } = this.#world;
    for (let tries = 0; ; tries++) {
      const made = await this.#once(() => this.#door(order.task).create(order));
      if (made?.ok === true) break;
      await timeline.sleep(random.int(1, 500));
      if (tries > 50) return this.#world.violate("create", `${order.task} could not be made`);
    }
    if (random.chance(0.1)) void timeline.after(random.int(0, 60_000), () => this.#startAgain(order));
    this.#interfere(order.task);
  }

  /** Another task has recruited this one: people see it like any other. */
  recruited(task: string): void {
    this.#interfere(task);
  }

  /** A question has been put to someone. */
  asked(task: string, approval: Approval): void {
    const { random, timeline } = this.#world;
    // Whoever is asked for more budget may want to look at the task first.
    if (approval.question.kind === "budget" && random.chance(0.3))
      void this.#persist(() => this.#door(task).pause("mia"));
    const manner = random.weighted({ properly: 12, twice: 2, asAnother: 1, tooWeakly: 1, late: 1, never: 1 });
    const delayMs = random.pick([random.int(5, 200), random.int(5, 5_000), random.int(5, 120_000)]);
    const answer: ApprovalAnswer = {
      approval: approval.id,
      by: approval.approver,
      assurance: random.chance(0.5) ? "signedIn" : approval.assurance,
      decision: random.chance(0.75) ? "approve" : "deny",
      ...(random.chance(0.2) ? { comment: "simulated" } : {}),
    };
    const give = (given: ApprovalAnswer, afterMs: number) =>
      void timeline.after(afterMs, () => void this.#answer(task, given));
    switch (manner) {
      case "never":
        return;
      case "late":
        return give(answer, approval.expiresAtMs - timeline.nowMs + random.int(-2, 2_000));
      case "twice":
        give({ ...answer, decision: random.pick(["approve", "deny"]) }, delayMs + random.int(-5, 50));
        return give(answer, delayMs);
      case "asAnother":
        give({ ...answer, by: APPROVERS.find((one) => one !== answer.by) ?? "eve" }, delayMs);
        return give(answer, delayMs + random.int(0, 2_000));
      case "tooWeakly":
        give({ ...answer, assurance: "link" }, delayMs);
        return give(answer, delayMs + random.int(0, 2_000));
      case "properly":
        return give(answer, delayMs);
    }
  }

  /** A call is being carried out elsewhere: perhaps someone changes their mind while it is. */
  sawClaim(task: string): void {
    const { random, timeline } = this.#world;
    if (!random.chance(0.02)) return;
    void timeline.after(
      random.int(0, 3_000),
      () => void this.#persist(() => this.#door(task).cancel("mia", "simulated")),
    );
  }

  /** A task has failed: perhaps someone takes it on again. */
  sawFailure(task: string, seq: number): void {
    const { random, timeline } = this.#world;
    const resumes = this.#resumes.get(task) ?? 0;
    if (resumes >= RESUMES_MAX || !random.chance(0.6)) return;
    this.#resumes.set(task, resumes + 1);
    const checkpoint = random.chance(0.5) ? undefined : random.int(1, seq + 1);
    const limits = random.chance(0.5) ? { turns: 60, tokens: 9_000_000, toolCalls: 200 } : undefined;
    void timeline.after(
      random.int(0, 30_000),
      () => void this.#persist(() => this.#door(task).resume("mia", checkpoint, limits)),
    );
  }

  /** What remains to be lifted when the storm is over, so that everything can end. */
  async liftPauses(tasks: readonly string[]): Promise<void> {
    for (const task of tasks) await this.#persist(() => this.#door(task).resume("mia", undefined, undefined));
  }

  #startAgain(order: NewTask): void {
    const other = { ...order, bodyHash: "f".repeat(64) };
    const isSame = this.#world.random.chance(0.5);
    void this.#once(() => this.#door(order.task).create(isSame ? order : other)).then((made) => {
      if (made === null) return;
      if (isSame ? !made.ok || made.value.created : made.ok || made.code !== "idempotency_conflict")
        this.#world.violate("create", "the same request made another task, or another request the same");
    });
  }

  #interfere(task: string): void {
    const { random, timeline } = this.#world;
    const at = (chance: number, what: () => Promise<unknown>) => {
      const withinMs = random.pick([1_500, 15_000, 90_000]);
      if (random.chance(chance)) void timeline.after(random.int(0, withinMs), () => void what());
    };
    at(0.1, () => this.#persist(() => this.#door(task).cancel("mia", "simulated")));
    at(0.03, () => this.#persist(() => this.#door(task).cancel("mia", undefined)));
    for (let i = 0; i < 2; i++) {
      at(0.12, () => this.#persist(() => this.#door(task).pause("mia")));
      at(0.15, () => this.#persist(() => this.#door(task).resume("mia", undefined, undefined)));
    }
  }

  async #answer(task: string, answer: ApprovalAnswer): Promise<void> {
    await this.#persist(() => this.#door(task).answer(answer));
  }

  /** Asks again when nobody can say what became of it. */
  async #persist<T>(ask: () => Promise<Answer<T> | null>): Promise<void> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const answer = await this.#once(ask);
      if (answer !== null && (answer.ok || answer.code !== "unavailable")) {
        this.#world.note(answer.ok ? "people: yes" : `people: refused (${answer.code})`);
        return;
      }
      await this.#world.timeline.sleep(this.#world.random.int(1, 3_000));
    }
  }

  async #once<T>(ask: () => Promise<T>): Promise<T | null> {
    try {
      return await ask();
    } catch {
      return null;
    }
  }
}
