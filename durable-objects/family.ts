import type { NewTask } from "../src/contracts/task.ts";
import type { Family, FamilyDoor, TaskDoor } from "../src/ports.ts";

type Door = FamilyDoor & Pick<TaskDoor, "create" | "cancel">;

/** The family of a task, at the doors of other objects. `doorOf` throws for a task that cannot be. */
export function familyOf(doorOf: (tenant: string, task: string) => Door): Family {
  return {
    look: ({ tenant, task }) => doorOf(tenant, task).howItIs(),
    end: async (child, reason) => {
      const door = doorOf(child.tenant, child.task);
      await door.create(child);
      // One that has ended already stays as it ended.
      await door.cancel(byParent(child), reason);
      const end = await door.howItIs();
      if (end === null || end === "alive") throw new Error("those below it have not ended yet");
      return end;
    },
    tell: async (child, end) => {
      const { tenant, parent } = child;
      if (parent === undefined) return;
      await doorOf(tenant, parent.task).childEnded(parent.call, end);
    },
  };
}

function byParent({ parent }: NewTask): string {
  return `task ${parent?.task ?? ""}`;
}
