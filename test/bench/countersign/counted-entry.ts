import { countObject, countWorker } from "../counters.ts";
import worker, {
  TaskObject,
  TenantObject,
  LimiterObject,
  MutexObject,
  HealthObject,
  BudgetObject,
  AdmissionObject,
} from "./entry.ts";

/** The same with its use of the platform counted. */
countObject(TaskObject);
countObject(TenantObject);
countObject(LimiterObject);
countObject(MutexObject);
countObject(HealthObject);
countObject(BudgetObject);
countObject(AdmissionObject);
export { TaskObject, TenantObject, LimiterObject, MutexObject, HealthObject, BudgetObject, AdmissionObject };
export default countWorker(worker);
