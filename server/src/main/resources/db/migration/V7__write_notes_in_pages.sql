-- What one commit noted, all of it in one row; a whole page has every note of the run, and those
-- before it are dropped. Rows of run_notes are read on, for runs that were open before, but none are
-- written any more.
create table note_pages (
  run_id  ${key}  not null references runs (id),
  number  bigint  not null,
  content ${blob} not null,
  primary key (run_id, number)
);
