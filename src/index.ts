import { orderInvestigation, orderInvestigationScripts } from "./agents/order-investigation.ts";
import { supportDesk, supportDeskScript } from "./agents/support-desk.ts";
import { createCountersign } from "./countersign.ts";

const countersign = createCountersign({
  agents: [supportDesk, orderInvestigation],
  scripts: { [supportDesk.manifest.name]: supportDeskScript, ...orderInvestigationScripts },
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
