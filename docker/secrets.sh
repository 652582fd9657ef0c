#!/usr/bin/env bash
# Makes the secrets of compose.yaml: passwords, and certificates of a CA of its own.
#
#   docker/secrets.sh
#
# Writes to docker/secrets, which is never committed. What is there stays, so it can be run again; to replace one,
# delete its file first. Passwords of PostgreSQL and Redis are kept by these servers as well: docs/operations.md.
set -euo pipefail
umask 077

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$here/secrets"
cd "$here/secrets"

command -v openssl >/dev/null || {
    echo "openssl is missing" >&2
    exit 1
}

# Once: `keep FILE COMMAND…` writes the command's output to FILE, unless it exists.
keep() {
    local file=$1
    shift
    [[ -s $file ]] && return
    "$@" >"$file.new"
    mv "$file.new" "$file"
    echo "secrets/$file" >&2
}

# Letters and digits only: some of these end up in URLs and configuration files.
password() {
    openssl rand -hex 24
}

# Redis keeps hashes: what it compares with is of no use to whoever reads it.
hash_of() {
    tr -d '\n' <"$1" | openssl dgst -sha256 -r | cut -d' ' -f1
}

redis_acl() {
    # Anybody may ask whether it is alive; that needs no secret in a health check.
    echo "user default on nopass resetkeys resetchannels -@all +ping"
    # A gateway: its own keys and channels, and the commands it uses (docs/operations.md, "Sessions in Redis").
    echo "user bitrix_id on #$(hash_of redis_password) ~bitrix-id:* resetchannels &bitrix-id:* -@all" \
        "+eval +evalsha +get +set +del +hset +hget +hgetall +hmget +hdel +hlen +hexists +hincrby" \
        "+sadd +srem +smembers +zadd +zrem +zcard +zscore +zrangebyscore +pexpire +pttl" \
        "+publish +subscribe +unsubscribe +ping +select +info +role"
    # The commands that Redis' own documentation asks for.
    echo "user replica on #$(hash_of redis_replica_password) resetkeys resetchannels -@all +psync +replconf +ping"
    echo "user sentinel on #$(hash_of redis_sentinel_password) resetkeys allchannels -@all" \
        "+multi +slaveof +replicaof +ping +exec +subscribe +config|rewrite +role +publish +info" \
        "+client|setname +client|kill +script|kill +select"
}

redis_auth() {
    printf 'masteruser replica\nmasterauth %s\n' "$(cat redis_replica_password)"
}

sentinel_auth() {
    printf 'sentinel auth-user bitrix-id sentinel\nsentinel auth-pass bitrix-id %s\n' "$(cat redis_sentinel_password)"
}

for name in postgres_superuser_password postgres_password grafana_password \
    redis_password redis_replica_password redis_sentinel_password; do
    keep "$name" password
done
keep redis.acl redis_acl
keep redis_auth.conf redis_auth
keep sentinel_auth.conf sentinel_auth

# One CA; a pair each for the mail catcher, for PostgreSQL and for the gateways.
pair() {
    [[ -s tls/$2-key.pem ]] && return
    ../../certs/dev-ca.sh --out tls "$1"
    mv tls/fullchain.pem "tls/$2.pem"
    mv tls/key.pem "tls/$2-key.pem"
}
# The pair without a name of its own is the gateways': it must not be taken for one of these.
if [[ ! -s tls/mail-key.pem || ! -s tls/postgres-key.pem ]]; then
    rm -f tls/key.pem tls/fullchain.pem
    pair mailpit mail
    pair postgres postgres
fi
if [[ ! -s tls/key.pem ]]; then
    ../../certs/dev-ca.sh --out tls bitrix24.localhost '*.bitrix24.localhost' portal.initech.localhost
fi

# Each container runs as a user of its own and sees only the files that are mounted into it, so these are readable
# to all; on this machine the directory keeps everybody else away.
find . -type f ! -name ca-key.pem -exec chmod 0444 {} +
chmod 0700 . tls
