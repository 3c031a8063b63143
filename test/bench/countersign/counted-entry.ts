import { countObject, countWorker } from "../counters.ts";
import worker, { LimiterObject, MutexObject, TaskObject, TenantObject } from "./entry.ts";

/** The same with its use of the platform counted. */
countObject(TaskObject);
countObject(TenantObject);
countObject(LimiterObject);
countObject(MutexObject);
export { TaskObject, TenantObject, LimiterObject, MutexObject };
export default countWorker(worker);
