import { createCountersign } from "../../src/countersign.ts";
import { stampDesk, stampOffice, stampScripts } from "./guarded-desk.ts";
import { fanDesk, inlineDesk, queuedDesk, scripts } from "./desk.ts";

const countersign = createCountersign({
  agents: [inlineDesk, queuedDesk, fanDesk, stampDesk, stampOffice],
  scripts: { ...scripts, ...stampScripts },
});

export const { TaskObject, TenantObject, LimiterObject, MutexObject } = countersign;
export default countersign.worker;
