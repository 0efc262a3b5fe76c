import type { NextConfig } from "next";

const config: NextConfig = {
  // Node loads these packages itself. A bundle would need the dashboard's pages and the renewal thread beside it.
  serverExternalPackages: ["@millrace/dashboard", "@millrace/queue", "@millrace/schema", "pg"],
};

export default config;
