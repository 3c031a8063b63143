import type { HostedTask } from "../../durable-objects/hosted-task.ts";
import type { CallDoor, FamilyDoor, TaskDoor } from "../../src/ports.ts";
import type { Machine } from "./machine.ts";

/** The doors of a task's object from elsewhere. As on the platform, a stub that met the object's death is of no use afterwards. */
export function stubOf(machine: Machine): TaskDoor & CallDoor & FamilyDoor {
  let broken: Error | null = null;
  const ask = async <T>(what: string, of: (task: HostedTask) => Promise<T>): Promise<T> => {
    if (broken !== null) throw broken;
    try {
      return await machine.request(what, of);
    } catch (error) {
      broken = error instanceof Error ? error : new Error(String(error));
      throw broken;
    }
  };
  return {
    create: (order) => ask("create", (task) => task.create(order)),
    made: (bodyHash) => ask("made", (task) => task.made(bodyHash)),
    view: () => ask("view", (task) => task.view()),
    family: () => ask("family", (task) => task.family()),
    endAtWork: () => ask("end at work", (task) => task.endAtWork()),
    cancel: (by, reason) => ask("cancel", (task) => task.cancel(by, reason)),
    pause: (by) => ask("pause", (task) => task.pause(by)),
    resume: (by, checkpoint, limits) => ask("resume", (task) => task.resume(by, checkpoint, limits)),
    approval: (id) => ask("approval", (task) => task.approval(id)),
    answer: (answer) => ask(`answer ${answer.decision}`, (task) => task.answer(answer)),
    commits: (fromSeq, limit) => ask("commits", (task) => task.commits(fromSeq, limit)),
    artifact: (sha256) => ask("artifact", (task) => task.artifact(sha256)),
    replay: () => ask("replay", (task) => task.replay()),
    head: () => ask("head", (task) => task.head()),
    claim: (claims) => ask(`claim ${claims.map(({ id }) => id).join(" ")}`, (task) => task.claim(claims)),
    settle: (settlements) =>
      ask(`settle ${settlements.map(({ id }) => id).join(" ")}`, (task) => task.settle(settlements)),
    giveUp: (claims) => ask("give up", (task) => task.giveUp(claims)),
    howItIs: () => ask("how it is", (task) => task.howItIs()),
    childEnded: (call, end) => ask(`child of ${call} ended`, (task) => task.childEnded(call, end)),
    partial: (call, attempt, text) => ask("partial", (task) => task.partial(call, attempt, text)),
    putArtifact: (sha256, text) => ask("put artifact", (task) => task.putArtifact(sha256, text)),
  };
}
