#!/bin/sh
# Starts a Redis server or a Sentinel in its container:  start.sh server|sentinel
#
# Both write into their configuration file, a Sentinel what it learns and a server which role it was given last.
# So each works on a copy that is kept beside its data. After a change of the files here, delete the copy
# (`docker compose exec redis-1 rm /data/redis.conf`) and start the container anew.
set -eu
umask 077
here=$(dirname "$0")
me=$(hostname)

case ${1:-} in
    server)
        if [ ! -e /data/redis.conf ]; then
            {
                cat "$here/redis.conf" /run/secrets/redis_auth
                echo "replica-announce-ip $me"
                # Who begins; Sentinel decides from then on.
                [ "$me" = redis-1 ] || echo "replicaof redis-1 6379"
            } >/data/redis.conf.new
            mv /data/redis.conf.new /data/redis.conf
        fi
        exec redis-server /data/redis.conf
        ;;
    sentinel)
        if [ ! -e /data/sentinel.conf ]; then
            {
                cat "$here/sentinel.conf" /run/secrets/sentinel_auth
                echo "sentinel announce-ip $me"
            } >/data/sentinel.conf.new
            mv /data/sentinel.conf.new /data/sentinel.conf
        fi
        exec redis-sentinel /data/sentinel.conf
        ;;
    *)
        echo "usage: $0 server|sentinel" >&2
        exit 2
        ;;
esac
