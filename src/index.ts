import { supportDesk, supportDeskScript } from "./agents/support-desk.ts";
import { createCountersign } from "./countersign.ts";

const countersign = createCountersign({
  agents: [supportDesk],
  scripts: { [supportDesk.manifest.name]: supportDeskScript },
});

export const { TaskObject, TenantObject, HealthObject } = countersign;
export default countersign.worker;
