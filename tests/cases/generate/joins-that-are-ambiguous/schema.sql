create table a1 (id int primary key, k1 int unique, k2 int unique); create table b1 (id int primary key, a int references a1, aa int references a1); alter table a1 add b int references b1;
create table a2 (id int primary key, x int, y int, unique(x,y)); create table b2 (id int primary key, x int, y int, foreign key(x,y) references a2(x,y)); alter table a2 add b int references b2;
create table a3 (id int primary key, u int unique); create table b3 (id int primary key, u int references a3(u)); alter table a3 add b int references b3;
create table m (id int primary key); create table n (id int primary key); create table o (id int primary key, n int references n, m int references m);
create table k (id int primary key, z int references o, y int references n);
create table z1 (id int primary key); create table y2 (id int primary key, z int references z1); create table aa9 (id int primary key); create table zz9 (id int primary key, a int references aa9);
create table c5 (id int primary key, x int references c5, m int references m);
create table d (a int, b int unique, c int, primary key (a,b)); create table d2 (id int primary key, f int, foreign key (f) references d(b));
