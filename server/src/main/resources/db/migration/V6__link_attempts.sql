-- Where a run is rolled out, which attempt at its artifact it is, and which runs came before, as
-- JSON. The defaults are those of a run that is not linked to others.
alter table runs add column environment text not null default '';
alter table runs add column attempt integer not null default 0;
alter table runs add column earlier_attempts text not null default '[]';
create index runs_by_artifact on runs (service, artifact_digest, create_millis)
  where artifact_digest <> '';
