-- How a run finds its arms in a service's own telemetry, as JSON. The default is what a run without
-- a word of its own does, so a server that does not know the column still creates such runs.
alter table runs add column arms text not null default '{}';
