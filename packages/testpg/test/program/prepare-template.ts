// Prepares a template: arguments are the server's URL and the key.
import { prepareTemplate } from "../../src/prepare-template.ts";

const [serverUrl = "", key = ""] = process.argv.slice(2);
const prepare = async (): Promise<void> => void process.stdout.write("prepared\n");
process.stdout.write(`name=${await prepareTemplate({ serverUrl, key, prepare })}\n`);
