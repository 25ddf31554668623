# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034 # used by harness.sh
# Redis for harness.sh, with an append-only file, since that is what older servers start without.

service=redis
product=Redis
unit=redis-server.service
states=(/var/lib/redis)
holds='writing it anew'
room=262144
killed=recovered
way_back=restore

cli() {
        on "$1" redis-cli "${@:2}"
}

service_version() {
        on "$1" redis-server --version | sed -E 's/.* v=([0-9]+\.[0-9]+)\..*/redis-\1/'
}

service_prepare() {
        sed -i 's/^appendonly .*/appendonly yes/; s/^appendfsync .*/appendfsync always/' "$(machine_path "$1" /etc/redis/redis.conf)"
}

service_fill() {
        cli "$1" eval "for i = 1, 20000 do redis.call('set', 'key:' .. i, string.rep('x', 100)) end
                redis.call('hset', 'hash', 'field', 'value', 'other', 'größe')
                redis.call('zadd', 'sorted', 1.5, 'a', 2, 'b')
                redis.call('rpush', 'list', 1, 2, 3)
                redis.call('sadd', 'set', 'x', 'y')
                redis.call('xadd', 'stream', '1-1', 'what', 'first')
                redis.call('xgroup', 'create', 'stream', 'readers', '0')
                redis.call('set', 'expires', 'late', 'ex', 1000000)
                redis.call('select', 3); redis.call('set', 'in 3', 'yes')" 0 &&
                cli "$1" bgrewriteaof &&
                until_true "$1" "redis-cli info persistence | grep -q aof_rewrite_in_progress:0"
}

service_add() {
        cli "$1" set late 1
}

service_ask() {
        local command
        for command in dbsize 'get key:20000' 'hgetall hash' 'zrange sorted 0 -1 withscores' 'lrange list 0 -1' \
                       'scard set' 'xrange stream - +' 'xinfo groups stream' 'get late' 'get expires'; do
                # shellcheck disable=SC2086 # words
                cli "$1" $command | grep -A 1 -v '^\(entries-read\|lag\)$' | sed '/^\(entries-read\|lag\)$/,+1d'
        done
        cli "$1" -n 3 get 'in 3'
}

service_more() {
        local new_version
        new_version=$(service_version new)
        lay new clean "$new_version"
        printf '%s\n' '#!/bin/sh' '"$@" || exit' '. /usr/lib/migrate/redis/lib.sh' 'find_programs; make_work; server_start' \
                'ask SET key:5 y; ask BGREWRITEAOF' 'while ask INFO persistence | grep -q aof_rewrite_in_progress:1; do sleep 0.1; done' \
                'ask SAVE; ask -n 3 DEL "in 3"; server_stop' >"$(machine_path new /opt/lose)"
        chmod +x "$(machine_path new /opt/lose)"
        around /opt/lose
        fails 'the migration loses a key: the service does not start' started new
        like 'the migration loses a key: the message says so' "$(refusal new)" 'does not hold what the data held before'
        not_around
}
