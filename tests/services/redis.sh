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

# program NAME MACHINE: such as redis-cli, as it is called there
program() {
        echo "redis-$1"
}

cli() {
        on "$1" "$(program cli "$1")" "${@:2}"
}

service_version() {
        local name
        name=$(program server "$1")
        on "$1" "$name" --version | sed -E "s/.* v=([0-9]+\.[0-9]+)\..*/${name%%-*}-\1/"
}

service_prepare() {
        sed -i 's/^appendonly .*/appendonly yes/; s/^appendfsync .*/appendfsync always/' "$(machine_path "$1" /etc/redis/redis.conf)"
}

# rewritten MACHINE: has the server write the append-only file anew, as it does once the file has grown to twice its size
rewritten() {
        cli "$1" bgrewriteaof &&
                until_true "$1" "! $(program cli "$1") info persistence | grep -q '^aof_rewrite_\(in_progress\|scheduled\):1'"
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
                rewritten "$1"
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

# tried: what migratectl check says of the state that "new" has
tried() {
        on new migratectl check redis 2>&1
}

# lose COMMANDS: a script of [Up] whose server gets these commands after the migration, and writes all of it
lose() {
        printf '%s\n' '#!/bin/sh' '"$@" || exit' '. /usr/lib/migrate/redis/lib.sh' 'find_programs; make_work; server_start' \
                "$1" 'ask BGREWRITEAOF; while ask INFO persistence | grep -q aof_rewrite_in_progress:1; do sleep 0.1; done' \
                'ask SAVE; server_stop' >"$(machine_path new /opt/lose)"
        chmod +x "$(machine_path new /opt/lose)"
        around /opt/lose
}

service_more() {
        local new_version old_version functions=
        local configuration
        configuration=$(machine_path new /etc/redis/redis.conf)
        new_version=$(service_version new)
        old_version=$(service_version old)
        lay new clean "$new_version"
        lose 'ask -n 3 DEL "in 3"'
        fails 'the migration loses a key: the service does not start' started new
        like 'the migration loses a key: the message says so' "$(refusal new)" 'does not hold what the data held before'
        not_around

        # no key expires, and there are functions since 7.0
        lay old clean "$old_version"
        started old
        cli old del expires
        if [[ $old_version != redis-6.* ]]; then
                functions=yes
                cli old function load "#!lua name=first
                        redis.register_function('one', function() return 1 end)"
                cli old function load "#!lua name=second
                        redis.register_function('two', function() return 2 end)"
        fi
        on old systemctl stop redis-server
        keep old lasting
        lay new lasting "$new_version"
        ok 'no key expires: the service starts' started new
        [[ -z $functions ]] || is 'there are functions: the functions work' "$(cli new fcall one 0; cli new fcall two 0)" $'1\n2'
        lay new lasting "$new_version"
        lose 'ask SET key:5 y'
        fails 'no key expires, and the migration changes a value: the service does not start' started new
        like 'no key expires, and the migration changes a value: the digest differs' "$(refusal new)" 'before: digest [0-9a-f]{40}'
        if [[ -n $functions ]]; then
                lay new lasting "$new_version"
                lose 'ask FUNCTION DELETE second'
                fails 'the migration loses a function: the service does not start' started new
                like 'the migration loses a function: the message says so' "$(refusal new)" 'before: functions'
        fi
        not_around

        # what the server would not load
        lay new clean "$new_version"
        on new ln -s /srv/aof /var/lib/redis/linked
        like 'a link leads outside of the directory: the link is refused by name' "$(tried)" 'linked leads to /srv/aof, outside'
        on new rm /var/lib/redis/linked
        cp "$configuration" "$configuration.kept"
        sed -i 's/^appendonly .*/appendonly no/' "$configuration"
        on new find /var/lib/redis -name 'appendonly.aof*' -type f -exec touch '{}' +
        like 'the setting appendonly is not of this data: the data is refused' "$(tried)" 'appendonly is not yes in .* would start with old data'
        cp "$configuration.kept" "$configuration"
        on new sh -c 'rm -r /var/lib/redis/appendonly*; test -s /var/lib/redis/dump.rdb'
        like 'the append-only file is missing: the data is refused' "$(tried)" 'would start without the data of /var/lib/redis/dump.rdb'
        echo 'include /etc/redis/more.conf' >>"$configuration"
        like 'the configuration includes a file: the configuration is refused' "$(tried)" 'includes other files'
        sed -i '/^include/d; /^dir /d' "$configuration"
        like 'the configuration has no directory: the line to add is named' "$(tried)" 'add dir /var/lib/redis'
        mv "$configuration.kept" "$configuration"
}
