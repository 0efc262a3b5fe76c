import { createDashboard, tokenAuthorize } from "@millrace/dashboard";

const dashboard = createDashboard({
  db: process.env.DATABASE_URL ?? "",
  basePath: "/ops",
  authorize: tokenAuthorize({ token: process.env.DASHBOARD_TOKEN ?? "", access: "all" }),
});

export const dynamic = "force-dynamic";
export {
  dashboard as DELETE,
  dashboard as GET,
  dashboard as HEAD,
  dashboard as PATCH,
  dashboard as POST,
  dashboard as PUT,
};
