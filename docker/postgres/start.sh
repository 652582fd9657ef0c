#!/bin/sh
# Starts PostgreSQL with TLS, which gateways insist on with a server that is not their own machine. It wants a key that
# nobody else can read, and secrets are mounted readable to all: so it gets a copy, in memory.
set -eu
umask 077
cat /run/secrets/postgres_key >/var/run/postgresql/server.key
exec docker-entrypoint.sh postgres -c ssl=on \
    -c ssl_cert_file=/run/secrets/postgres_chain -c ssl_key_file=/var/run/postgresql/server.key
