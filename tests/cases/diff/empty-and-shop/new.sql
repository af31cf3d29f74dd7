CREATE TYPE order_state AS ENUM ('cart', 'placed', 'paid', 'sent', 'returned');
CREATE DOMAIN price AS numeric(12,4) CONSTRAINT not_negative CHECK (VALUE >= 0);
CREATE TABLE customer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL,
  name text NOT NULL DEFAULT '',
  created timestamptz NOT NULL DEFAULT now(),
  vip boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX customer_email ON customer (lower(email));
CREATE TABLE product (
  id serial PRIMARY KEY,
  sku varchar(40) NOT NULL UNIQUE,
  title text NOT NULL,
  price price NOT NULL,
  stock int NOT NULL DEFAULT 0 CONSTRAINT stock_there CHECK (stock >= 0)
);
CREATE TABLE orders (
  id bigserial PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customer ON DELETE RESTRICT,
  state order_state NOT NULL DEFAULT 'cart',
  placed timestamptz,
  CONSTRAINT placed_known CHECK (state = 'cart' OR placed IS NOT NULL)
);
CREATE TABLE order_line (
  order_id bigint REFERENCES orders ON DELETE CASCADE,
  product_id int REFERENCES product ON UPDATE CASCADE,
  quantity int NOT NULL CHECK (quantity > 0),
  price price NOT NULL,
  PRIMARY KEY (order_id, product_id)
);
CREATE INDEX orders_customer ON orders (customer_id, placed DESC);
CREATE INDEX orders_open ON orders (placed) WHERE state IN ('placed', 'paid');
CREATE FUNCTION line_total(l order_line) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT l.quantity * l.price $$;
CREATE VIEW order_total AS
  SELECT o.id, o.customer_id, o.placed, o.state, sum(line_total(l)) AS total
  FROM orders o JOIN order_line l ON l.order_id = o.id WHERE o.state <> 'returned' GROUP BY o.id;
CREATE VIEW customer_value AS SELECT c.id, c.email, coalesce(sum(t.total), 0) AS value FROM customer c LEFT JOIN order_total t ON t.customer_id = c.id GROUP BY c.id;
CREATE FUNCTION move_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE product SET stock = stock - (NEW.quantity - coalesce(OLD.quantity, 0)) WHERE id = NEW.product_id;
  RETURN NEW;
END $$;
CREATE TRIGGER take_stock AFTER INSERT OR UPDATE OF quantity ON order_line FOR EACH ROW EXECUTE FUNCTION move_stock();
COMMENT ON TABLE orders IS 'carts and orders';
GRANT SELECT ON customer_value TO app_reader;
GRANT SELECT, INSERT, UPDATE ON orders, order_line TO app_writer;
GRANT DELETE ON order_line TO app_writer;
