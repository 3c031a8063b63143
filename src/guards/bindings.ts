import type { MutexDoor, PlacesDoor, RateDoor } from "./doors.ts";
import type { AdmissionDoor, BudgetDoor } from "./allowance-doors.ts";
import type { AllowanceDoors } from "./allowances.ts";
import type { GuardDoors } from "./guarded.ts";
import type { Ground } from "./reach.ts";

/** The platform, as guards use it. */
export function groundOf(beside: Ground["beside"]): Ground {
  return {
    nowMs: () => Date.now(),
    after: (delayMs, due) => {
      const timeout = setTimeout(due, delayMs);
      return () => clearTimeout(timeout);
    },
    beside,
    unique: () => crypto.randomUUID(),
  };
}

/** Generated types know the bindings, but not which class answers behind them. */
export function guardDoors(env: Pick<Cloudflare.Env, "LIMITERS" | "MUTEXES">): GuardDoors {
  return {
    limiter: (name) => {
      const stub: unknown = env.LIMITERS.getByName(name);
      return stub as PlacesDoor & RateDoor;
    },
    mutex: (tenant, name) => {
      const stub: unknown = env.MUTEXES.getByName(`${tenant}/${name}`);
      return stub as MutexDoor;
    },
  };
}

export function allowanceDoors(env: Pick<Cloudflare.Env, "BUDGETS" | "ADMISSIONS">): AllowanceDoors {
  return {
    budget: (tenant) => {
      const stub: unknown = env.BUDGETS.getByName(tenant);
      return stub as BudgetDoor;
    },
    admission: (name) => {
      const stub: unknown = env.ADMISSIONS.getByName(name);
      return stub as AdmissionDoor;
    },
  };
}
