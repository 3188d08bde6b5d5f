#!/bin/sh
# The PostgreSQL image runs this once on a new volume: roles, their passwords, the database.
set -eu

run() {
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" "$@"
}

run --file /handrail/roles.sql
for role in owner app jobs pump reserve; do
    run --set "role=$role" --set "password=$(cat "/run/secrets/password_$role")" <<'SQL'
ALTER ROLE :"role" PASSWORD :'password';
SQL
done
run --command 'CREATE DATABASE handrail OWNER owner'
