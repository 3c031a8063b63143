import { createCountersign } from "../../src/countersign.ts";
import { fanDesk, inlineDesk, queuedDesk, scripts } from "./desk.ts";
import { signingLead, teamLead, teamScripts } from "./team.ts";

const countersign = createCountersign({
  agents: [inlineDesk, queuedDesk, fanDesk, teamLead, signingLead],
  scripts: { ...scripts, ...teamScripts },
});

export const { TaskObject, TenantObject } = countersign;
export default countersign.worker;
