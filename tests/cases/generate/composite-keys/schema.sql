CREATE TABLE tags (a integer, b integer, c text, PRIMARY KEY (b, a));
CREATE TABLE tagged (id bigint PRIMARY KEY, ta integer, tb integer, FOREIGN KEY (tb, ta) REFERENCES tags (b, a));
CREATE TABLE notes (id integer, tag_b integer, PRIMARY KEY (tag_b, id));
