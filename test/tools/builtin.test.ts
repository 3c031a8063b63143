import { builtinProbe } from "./builtin-probe.ts";
import { executorConformance } from "./conformance.ts";

executorConformance("builtin", () => Promise.resolve(builtinProbe()));
