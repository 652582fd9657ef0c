#!/bin/sh
# Runs once, when the database's volume is new: the gateway's own user and database. It is no superuser, and owns
# nothing but this database.
set -eu
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
    --set=password="$(cat /run/secrets/postgres_password)" <<'SQL'
CREATE ROLE bitrix_id LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE bitrix_id OWNER bitrix_id;
REVOKE CONNECT ON DATABASE bitrix_id FROM PUBLIC;
SQL
