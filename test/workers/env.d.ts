import type { D1Migration } from "cloudflare:test";
import type * as entry from "./entry.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      readonly MIGRATIONS: D1Migration[];
    }
    interface GlobalProps {
      mainModule: typeof entry;
      durableNamespaces: "TaskObject" | "TenantObject" | "LimiterObject" | "MutexObject" | "HealthObject";
    }
  }
}
