import { createCountersign } from "../../src/countersign.ts";
import { stampDesk, stampOffice, stampScripts } from "./guarded-desk.ts";
import { fanDesk, inlineDesk, queuedDesk, scripts } from "./desk.ts";
import { signingLead, teamLead, teamScripts } from "./team.ts";

const countersign = createCountersign({
  agents: [inlineDesk, queuedDesk, fanDesk, teamLead, signingLead, stampDesk, stampOffice],
  scripts: { ...scripts, ...teamScripts, ...stampScripts },
});

export const { TaskObject, TenantObject, LimiterObject, MutexObject, HealthObject } = countersign;
export default countersign.worker;
