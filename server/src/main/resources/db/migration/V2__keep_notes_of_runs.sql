-- Small state that goes with the samples of an open run, by a key that its writer chooses: what a
-- foreign series counted last, so that only what is new is added. Dropped when the run ends.
create table run_notes (
  run_id  ${key}  not null references runs (id),
  key     ${key}  not null,
  content ${blob} not null,
  primary key (run_id, key)
);
