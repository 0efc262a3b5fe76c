-- What the examples of the documentation take for granted: the reader's tables and roles.
CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), total integer NOT NULL, paid boolean NOT NULL DEFAULT false);
CREATE ROLE worker;
CREATE ROLE ops;
CREATE ROLE autoscaler;
