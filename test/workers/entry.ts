import { createCountersign } from "../../src/countersign.ts";
import { stampDesk, stampOffice, stampScripts } from "./guarded-desk.ts";
import { bigSpender, pricedModels, spender, spenderScripts } from "./spender.ts";
import { ladderModels, ladderScripts, stuckDesk } from "./ladder-desk.ts";
import { fanDesk, inlineDesk, queuedDesk, scripts } from "./desk.ts";
import { signingLead, teamLead, teamScripts } from "./team.ts";

const countersign = createCountersign({
  agents: [
    inlineDesk,
    queuedDesk,
    fanDesk,
    teamLead,
    signingLead,
    stampDesk,
    stampOffice,
    stuckDesk,
    spender,
    bigSpender,
  ],
  scripts: { ...scripts, ...teamScripts, ...stampScripts, ...spenderScripts, ...ladderScripts },
  models: (env) => ({ ...pricedModels(env), ...ladderModels(env) }),
});

export const {
  TaskObject,
  TenantObject,
  LimiterObject,
  MutexObject,
  HealthObject,
  BudgetObject,
  AdmissionObject,
} = countersign;
export default countersign.worker;
