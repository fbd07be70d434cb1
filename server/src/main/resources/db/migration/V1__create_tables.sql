-- The same text for SQLite and PostgreSQL; what they call differently is a placeholder.
-- Times are epoch milliseconds. Constants are stored by name, so that they can be read by people
-- and outlive a new order. A released migration is never edited: see docs/operations.md, Storage.

-- What a run was created with, and its state. Changes a few times in a run's life.
create table runs (
  id                 ${key}  not null primary key,
  service            ${key}  not null,
  baseline_version   text    not null,
  canary_version     text    not null,
  allow_same_version boolean not null,
  policy_name        ${key}  not null,
  policy_revision    bigint  not null,
  effective_policy   text    not null,
  overrides          text    not null,
  labels             text    not null,
  artifact_digest    text    not null,
  retrospective      boolean not null,
  producer_count     integer not null,
  create_millis      bigint  not null,
  start_millis       bigint  not null,
  state              text    not null,
  end_millis         bigint  not null,
  decision           text    not null,
  creator            text    not null
);
create index runs_by_age on runs (create_millis desc, id);
create index runs_by_service on runs (service, create_millis desc, id);
create index runs_by_state on runs (state, create_millis desc, id);
create index runs_open on runs (create_millis, id) where end_millis = 0;

-- How far a run is committed. Changes with each commit, and so is kept small.
create table run_progress (
  run_id         ${key} not null primary key references runs (id),
  commits        bigint not null,
  revision       bigint not null,
  sealed_windows bigint not null
);

-- Samples accepted by one commit, merged; dropped once their last window is sealed.
create table segments (
  run_id       ${key}  not null references runs (id),
  number       bigint  not null,
  first_window bigint  not null,
  last_window  bigint  not null,
  content      ${blob} not null,
  -- By last window, so that those to drop lie together.
  primary key (run_id, last_window, number)
);

-- What happened to a run. A missing revision below run_progress.revision stands for an empty window
-- that was sealed.
create table log_entries (
  run_id   ${key}  not null references runs (id),
  revision bigint  not null,
  kind     text    not null,
  content  ${blob} not null,
  primary key (run_id, revision)
);

-- The newest evidence of a run that was written down; later log entries are folded onto it.
create table checkpoints (
  run_id   ${key}  not null primary key references runs (id),
  revision bigint  not null,
  content  ${blob} not null
);

-- Up to which batch each producer's samples are durable.
create table producers (
  run_id           ${key}  not null references runs (id),
  name             ${key}  not null,
  sequence         bigint  not null,
  watermark_millis bigint  not null,
  ended            boolean not null,
  primary key (run_id, name)
);

-- Verdicts on record, as JSON.
create table verdicts (
  run_id   ${key} not null references runs (id),
  revision bigint not null,
  decision text   not null,
  content  text   not null,
  primary key (run_id, revision)
);

-- The current revision of each policy.
create table policies (
  name     ${key}  not null primary key,
  revision bigint  not null,
  deleted  boolean not null
);

-- Every revision of each policy, as JSON. Rows never change.
create table policy_revisions (
  name          ${key}  not null references policies (name),
  revision      bigint  not null,
  content       text    not null,
  etag          text    not null,
  author        text    not null,
  reason        text    not null,
  create_millis bigint  not null,
  deleted       boolean not null,
  primary key (name, revision)
);

-- Requests that were carried out, so that a repeat is harmless.
create table requests (
  kind          text   not null,
  id            ${key} not null,
  fingerprint   text   not null,
  subject       ${key} not null,
  revision      bigint not null,
  create_millis bigint not null,
  primary key (kind, id)
);

-- Who did what, written in the transaction of the effect.
create table audit (
  id        ${identity},
  at_millis bigint      not null,
  actor     text        not null,
  action    text        not null,
  subject   ${key}      not null,
  detail    text        not null
);
create index audit_by_subject on audit (subject, id);

-- Counts the servers that took over this database: only the newest may write runs.
create table ownership (
  id    integer not null primary key,
  epoch bigint  not null
);
insert into ownership (id, epoch) values (1, 0);
