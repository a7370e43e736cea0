#!/bin/sh
# Run once by the postgres image when its volume is new: the roles and the database that docs/operations.md describes.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres \
    --set portal="$FATTO_DB_PASSWORD" --set backup="$FATTO_DB_BACKUP_PASSWORD" <<'SQL'
create role fatto login password :'portal' nosuperuser nobypassrls;
create role fatto_backup login password :'backup' nosuperuser bypassrls;
grant pg_read_all_data to fatto_backup;
create database fatto owner fatto encoding 'UTF8' template template0;
\connect fatto
alter function pg_catalog.ts_match_vq(tsvector, tsquery) leakproof;
alter function pg_catalog.ts_match_qv(tsquery, tsvector) leakproof;
SQL
