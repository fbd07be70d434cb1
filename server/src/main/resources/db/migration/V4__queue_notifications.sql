-- What receivers outside are to be told, written in the transaction of what it tells of. A row
-- waits until it is delivered or given up (end_millis), and is deleted some time later.
create table notifications (
  id            ${identity},
  event         ${key}  not null,
  target        ${key}  not null,
  run_id        ${key}  not null references runs (id),
  kind          text    not null,
  content       text    not null,
  state         text    not null,
  attempts      bigint  not null,
  create_millis bigint  not null,
  since_millis  bigint  not null,
  next_millis   bigint  not null,
  end_millis    bigint  not null,
  problem       text    not null
);
create unique index notifications_by_event on notifications (event, target);
create index notifications_waiting on notifications (target, run_id, id) where end_millis = 0;
create index notifications_over on notifications (end_millis) where end_millis <> 0;
create index notifications_by_state on notifications (state, id);
