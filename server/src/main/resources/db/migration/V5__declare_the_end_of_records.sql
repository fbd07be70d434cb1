-- Where the records of a retrospective run end, and whether the judge reads them itself. The defaults
-- are what runs did before, so a server that does not know the columns still creates such runs.
alter table runs add column range_end_millis bigint not null default 0;
alter table runs add column pulled boolean not null default false;
