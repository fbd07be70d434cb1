create table half_done (id integer not null primary key);
insert into no_such_table (id) values (1);
