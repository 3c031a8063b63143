import { countObject, countWorker } from "../counters.ts";
import worker, { TaskObject, TenantObject } from "./entry.ts";

/** The same with its use of the platform counted. */
countObject(TaskObject);
countObject(TenantObject);
export { TaskObject, TenantObject };
export default countWorker(worker);
