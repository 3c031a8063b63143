import { DurableObject } from "cloudflare:workers";
import type { LimitsWanted } from "../src/contracts/budget.ts";
import type { CommitRow } from "../src/contracts/journal.ts";
import type { CallMessage } from "../src/contracts/queue.ts";
import type { NewTask } from "../src/contracts/task.ts";
import type { ChildEnd } from "../src/core/delegation.ts";
import type { WaitingDoor } from "../src/guards/allowance-doors.ts";
import type { ApprovalAnswer, CallDoor, FamilyDoor, Settlement, TaskDoor } from "../src/ports.ts";
import { END_PATH } from "../src/task-end.ts";
import { TaskStore } from "../src/storage/task-store.ts";
import { type Wiring, coreFunctions } from "../src/wiring.ts";
import { HostedTask } from "./hosted-task.ts";
import { outsideOf, sqlOf } from "./platform.ts";
import { SocketReaders } from "./readers.ts";

/** What a task's object is wired with. Made once an isolate, and shared by all of its objects. */
export type ObjectWiring = Pick<
  Wiring,
  "models" | "background" | "tools" | "queue" | "audit" | "keys" | "task" | "health" | "allowances"
>;

/**
 * One task. It holds the journal, and does nothing clever: load, decide, commit, perform. It writes nothing until it is created, so
 * that a probe for an unknown task leaves nothing behind (H1).
 */
export abstract class TaskObjectBase<E extends Cloudflare.Env = Cloudflare.Env>
  extends DurableObject<E>
  implements TaskDoor, CallDoor, FamilyDoor, WaitingDoor
{
  readonly #store: TaskStore;
  readonly #readers: SocketReaders;
  readonly #task: HostedTask;

  constructor(ctx: DurableObjectState, env: E, wiring: ObjectWiring) {
    super(ctx, env);
    this.#store = new TaskStore(sqlOf(ctx.storage));
    this.#readers = new SocketReaders(ctx);
    const outside = outsideOf(ctx, wiring, { store: this.#store, readers: this.#readers });
    this.#task = new HostedTask({ store: this.#store, outside, fns: coreFunctions });
  }

  override async alarm(): Promise<void> {
    await this.#task.alarm();
  }

  create(order: NewTask) {
    return this.#task.create(order);
  }

  made(bodyHash: string) {
    return this.#task.made(bodyHash);
  }

  view() {
    return this.#task.view();
  }

  family() {
    return this.#task.family();
  }

  endAtWork() {
    return this.#task.endAtWork();
  }

  cancel(by: string, reason: string | undefined) {
    return this.#task.cancel(by, reason);
  }

  pause(by: string) {
    return this.#task.pause(by);
  }

  resume(by: string, checkpoint: number | undefined, limits: LimitsWanted | undefined) {
    return this.#task.resume(by, checkpoint, limits);
  }

  approval(id: string) {
    return this.#task.approval(id);
  }

  answer(answer: ApprovalAnswer) {
    return this.#task.answer(answer);
  }

  commits(fromSeq: number, limit: number) {
    return this.#task.commits(fromSeq, limit);
  }

  artifact(sha256: string) {
    return this.#task.artifact(sha256);
  }

  putArtifact(sha256: string, text: string) {
    return this.#task.putArtifact(sha256, text);
  }

  replay() {
    return this.#task.replay();
  }

  head() {
    return this.#task.head();
  }

  claim(claims: CallMessage["claims"]) {
    return this.#task.claim(claims);
  }

  settle(settlements: readonly Settlement[]) {
    return this.#task.settle(settlements);
  }

  giveUp(claims: CallMessage["claims"]) {
    return this.#task.giveUp(claims);
  }

  poke() {
    return this.#task.poke();
  }

  howItIs() {
    return this.#task.howItIs();
  }

  childEnded(call: string, end: ChildEnd) {
    return this.#task.childEnded(call, end);
  }

  partial(call: string, attempt: number, text: string) {
    return this.#task.partial(call, attempt, text);
  }

  /** A reader, over a socket that survives the object's eviction: of every commit after `from`, or (`/end`) of the end alone. */
  override async fetch(request: Request): Promise<Response> {
    if (!this.#store.exists) return new Response(null, { status: 404 });
    const { pathname, searchParams } = new URL(request.url);
    const response =
      pathname === END_PATH
        ? this.#readers.waitForEnd()
        : this.#readers.follow(this.#pagesAfter(Number(searchParams.get("from") ?? 0)));
    this.#task.tellEnd();
    return response;
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#readers.left(socket);
    socket.close(code === 1005 ? 1000 : code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#readers.left(socket);
  }

  *#pagesAfter(from: number): Generator<readonly CommitRow[]> {
    let seq = from;
    for (let rows = this.#store.rowsAfter(seq); rows.length > 0; rows = this.#store.rowsAfter(seq)) {
      yield rows;
      seq = rows.at(-1)?.seq ?? seq;
    }
  }
}
