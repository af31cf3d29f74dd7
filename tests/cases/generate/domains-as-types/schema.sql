create schema o; create domain o.odom as varchar(12);
create type mood as enum ('a'); create domain email as varchar(20) not null; create domain code as char(3); create domain m as mood; create domain arr as int[]; create domain d2 as email; create domain posint as int; create type comp as (a email); create domain "CasedDom" as text;
create table t (id int primary key, e email, c code, m m, a arr, d d2, p posint not null, ea email[], od o.odom, cd "CasedDom", aod o.odom[], x comp[]);
