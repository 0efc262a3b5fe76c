-- Every program that inserts a customer enqueues a welcome: also one that knows nothing of Millrace.
CREATE TABLE IF NOT EXISTS customers (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL UNIQUE,
  welcomed_at timestamptz
);

CREATE OR REPLACE FUNCTION enqueue_welcome() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- In the transaction of the INSERT. The key keeps a second job out until the first has ended and been deleted.
  PERFORM millrace.enqueue(
    'send-welcome',
    jsonb_build_object('customerId', NEW.id),
    idempotency_key => 'welcome:' || NEW.id,
    tags => ARRAY['customer']
  );
  RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER welcome_customers AFTER INSERT ON customers
  FOR EACH ROW EXECUTE FUNCTION enqueue_welcome();
