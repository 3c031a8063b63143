import { countObject, countWorker } from "../counters.ts";
import worker, { TaskObject, TenantObject, HealthObject } from "./entry.ts";

/** The same with its use of the platform counted. */
countObject(TaskObject);
countObject(TenantObject);
countObject(HealthObject);
export { TaskObject, TenantObject, HealthObject };
export default countWorker(worker);
