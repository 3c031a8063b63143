import { conformance } from "../models/conformance.ts";
import { SUBJECTS } from "../models/subjects.ts";

for (const subject of SUBJECTS) conformance(subject);
