alter table runs add column added_later text not null default 'later';
