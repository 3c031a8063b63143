import { builtinProbe } from "../tools/builtin-probe.ts";
import { executorConformance } from "../tools/conformance.ts";

executorConformance("builtin in workerd", () => Promise.resolve(builtinProbe()));
