#!/usr/bin/env node
import { runTestpg } from "@millrace/testpg";

await runTestpg();
