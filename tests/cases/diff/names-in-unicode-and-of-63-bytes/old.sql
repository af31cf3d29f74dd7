CREATE TABLE "名前" (id int);
