#!/usr/bin/env node
import { runTestpg } from "./run-testpg.ts";

await runTestpg();
