/** The application's own tables. */
export const TABLES = `
  CREATE TABLE IF NOT EXISTS orders (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    total int NOT NULL CHECK (total > 0)
  );
  CREATE TABLE IF NOT EXISTS receipts (order_id int PRIMARY KEY REFERENCES orders (id));
`;
