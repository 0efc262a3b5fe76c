// Exports what the migrations make, for tools that compare a database with this release. Workers do not use this.
export type {
  Catalog,
  ColumnShape,
  FunctionShape,
  TableShape,
  TriggerShape,
  ViewShape,
} from "./catalog/catalog-shape.ts";
export { expectedCatalog } from "./catalog/expected-catalog.ts";
export { readCatalog } from "./catalog/read-catalog.sql.ts";
