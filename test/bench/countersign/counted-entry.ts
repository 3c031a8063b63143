import { countObject, countWorker } from "../counters.ts";
import worker, { TaskObject, TenantObject, LimiterObject, MutexObject, HealthObject } from "./entry.ts";

/** The same with its use of the platform counted. */
countObject(TaskObject);
countObject(TenantObject);
countObject(LimiterObject);
countObject(MutexObject);
countObject(HealthObject);
export { TaskObject, TenantObject, LimiterObject, MutexObject, HealthObject };
export default countWorker(worker);
