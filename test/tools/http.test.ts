import { executorConformance } from "./conformance.ts";
import { httpProbe } from "./http-probe.ts";

executorConformance("http", httpProbe);
