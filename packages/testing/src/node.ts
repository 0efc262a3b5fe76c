export { useTestDatabase } from "./database/use-node-database.ts";
