import { createCountersign } from "../../src/countersign.ts";
import { fanDesk, inlineDesk, queuedDesk, scripts } from "./desk.ts";

const countersign = createCountersign({ agents: [inlineDesk, queuedDesk, fanDesk], scripts });

export const { TaskObject, TenantObject, HealthObject } = countersign;
export default countersign.worker;
