CREATE TYPE x AS ENUM ('a', 'b'); CREATE TABLE t (a x DEFAULT 'a', b x[]);
CREATE TYPE y AS ENUM ('1', '2'); CREATE TABLE u (a y DEFAULT '1', b y[] DEFAULT '{2}');
