#!/bin/bash
# SPDX-License-Identifier: MIT
# migratectl on systems that are not running: every condition of a state, plans, checks, adoption, history, backups. Runs
# without root, too.
# usage: test-ctl.sh MIGRATECTL

. "$(dirname "$0")/../../machine/tap.sh"

migratectl=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
export LC_ALL=C.UTF-8

# begin [LINE…]: a new root, in which app is declared with these lines and has migrations to 2 and to 3
begin() {
        root=$(mktemp -d "$directory/root.XXXXXX")
        mkdir -p "$root/usr/lib/migrate.d/app" "$root/var/lib/app" "$root/usr/lib/app" \
                "$root/etc/systemd/system" "$root/var/lib/migrate/app"
        printf '%s\n' '[State]' 'Directory=/var/lib/app' "$@" >"$root/usr/lib/migrate.d/app.ini"
        printf '[Migration]\nTo=2\nDescription=users get files\n[Up]\nScript=/usr/lib/app/up\n' \
                >"$root/usr/lib/migrate.d/app/to-2.ini"
        printf '[Migration]\nFrom=2\nTo=3\n[Up]\nScript=/usr/lib/app/up\nPost=/usr/lib/app/up post\n' \
                >"$root/usr/lib/migrate.d/app/to-3.ini"
        printf '#!/bin/sh\n' >"$root/usr/lib/app/up"
        chmod +x "$root/usr/lib/app/up"
        mkdir -p "$root/bin"
        touch "$root/bin/sh" "$root/etc/systemd/system/app.service"
}

stamp() {
        : >"$root/var/lib/app/.stateversion.app=$1"
}

data() {
        : >"$root/var/lib/app/data"
}

# run ARGUMENT…: sets status and output, which has both streams
run() {
        status=0
        output=$("$migratectl" --root="$root" "$@" 2>&1 </dev/null) || status=$?
}

# gives NAME STATUS REGEX: the last command of `run` has this exit status and its output matches
gives() {
        if [[ $status == "$2" ]]; then
                like "$1" "$output" "$3"
        else
                is "$1" "exit status $status: $output" "exit status $2"
        fi
}

# value VERB KEY…: a value in the JSON that the verb prints for the services in $names; keys and indices
names=(app)
value() {
        "$migratectl" --root="$root" --json=short "$1" "${names[@]}" 2>/dev/null |
                python3 -c '
import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1:]:
    value = value[int(key) if key.isdigit() else key]
print(value if isinstance(value, str) else json.dumps(value))' "${@:2}"
}

# condition NAME CONDITION
condition() {
        is "$1" "$(value status 0 condition)" "$2"
}

### conditions

begin Version=2
stamp 2
condition 'a state at the declared version is current' current
run status app
gives 'status of a current state succeeds' 0 'Condition: current'
unlike 'status of a current state names no command' "$output" 'Next:'

begin Version=3
stamp 1
condition 'a state at an older version is pending' pending
is 'the JSON output has the version that the state is migrated from' "$(value status 0 from)" 1
is 'the JSON output has the version that the state is migrated to' "$(value status 0 to)" 3
run status
gives 'the table shows the declared version and the version of the state' 0 'app +3 +1 +pending \(1 → 3\)'

begin Version=3 Accepts=2
stamp 2
condition 'a state at an accepted version is accepted' accepted

begin Version=3
condition 'an empty directory is fresh' fresh
rmdir "$root/var/lib/app"
condition 'a missing directory is fresh' fresh
printf '{"result":"done","to":"2"}\n' >"$root/var/lib/migrate/app/history"
condition 'a missing directory is missing and not fresh if the history names an earlier state' missing
run plan app
gives 'plan is refused for a missing state' 6 'is a disk not mounted'

begin Version=3
data
condition 'data without a stamp is unknown' unknown
run status app
gives 'status names the command that records the version' 0 'adopt app VERSION'

begin Version=3 Unversioned=1
data
condition 'data without a stamp is pending with Unversioned=' pending
is 'the JSON output has no state version if none is recorded' "$(value status 0 state)" null

begin Version=3 Detect=/usr/lib/app/up
data
condition 'data without a stamp is unstamped with Detect=' unstamped
: >"$root/var/lib/migrate/app/fresh=3"
condition 'data without a stamp is current if the declared version of the software has made the data' current

begin Version=1
stamp 2
condition 'a state at a newer version is newer' newer
run plan app
gives 'plan is refused for a newer state and names the command that lists backups' \
        6 'newer than the 1.*bring back data.*run: migratectl --root=\S+ backups app'

# back [LINE…]: the same with [Down] sections in both migrations
back() {
        begin Downgrade=script "$@"
        printf '[Down]\nScript=/usr/lib/app/up back\n' >>"$root/usr/lib/migrate.d/app/to-2.ini"
        printf '[Down]\nScript=/usr/lib/app/up back\nPost=/usr/lib/app/up\n' >>"$root/usr/lib/migrate.d/app/to-3.ini"
}
back Version=2
stamp 3
condition 'a newer state with [Down] sections is pending' pending
is 'the JSON output has the newer version as from' "$(value status 0 from)" 3
is 'the JSON output has the older version as to' "$(value status 0 to)" 2
is 'the JSON output of plan has the direction down' "$(value plan direction)" down
is 'the JSON output of plan has the script of [Down]' "$(value plan steps 0 script)" '["/usr/lib/app/up", "back"]'
run plan app
gives 'plan says that the step leads back' 0 'app: 3 → 2 in 1 step back'
like 'plan names the section of the step' "$output" '3 → 2 +to-3 \[Down\]'
back Version=1
stamp 3
condition 'a newer state is newer if a [Down] section does not name the version it leads to' newer
run plan app
gives 'plan names the migration where the way back ends' \
        6 "lead back to 2, but none from there towards 1; 'to-2' has one, but no record says from which version"
printf '%s\n' '{"from":"1","to":"3","result":"done","steps":[{"migration":"to-2","from":"1","to":"2"},{"migration":"to-3","from":"2","to":"3"}]}' \
        >"$root/var/lib/migrate/app/history"
condition 'a newer state is pending if the history names the version before the migration' pending
run plan app
gives 'plan shows both steps back' 0 '3 → 1 in 2 steps back.*3 → 2.*2 → 1'
back Version=2 Policy=confirm
stamp 3
condition 'a way back with Policy=confirm waits for approval' approval
run plan app
gives 'plan names the line that approves the way back' 4 'Approved=3:2'
back Version=2
stamp 1
is 'an older state with [Down] sections is migrated up' \
        "$(value plan direction) $(value plan steps 0 script)" 'up ["/usr/lib/app/up"]'
begin Version=3
stamp 3
is 'the JSON output of plan has no direction for a current state' "$(value plan direction)" null

begin Version=3
stamp 1
rm "$root/usr/lib/migrate.d/app/to-2.ini"
condition 'a state without a migration to the declared version has a gap' gap
run plan app
gives 'plan is refused for a gap' 6 'no migration leads from 1 towards 3'

begin Version=3 Directory=/srv/app
mkdir -p "$root/srv/app"
: >"$root/srv/app/.stateversion.app=2"
stamp 1
condition 'two directories at two versions disagree' disagree
run status app
gives 'status names the version of each directory' 0 '/var/lib/app is at 1, /srv/app is at 2'
like 'status names the command that records one version for all directories' "$output" 'adopt --force app VERSION'
run plan app
gives 'plan fails with status 3 for directories that disagree' 3 '/var/lib/app is at 1, /srv/app is at 2'
rm "$root/srv/app/.stateversion.app=2"
condition 'a directory with a stamp and a directory without a stamp disagree' disagree

begin Version=3
stamp 1
stamp 2
condition 'two stamps in one directory disagree' disagree
rm "$root"/var/lib/app/.state*
stamp 1:3
condition 'a stamp whose name is not a version disagrees' disagree

begin Version=3 Policy=confirm
stamp 1
condition 'a migration with Policy=confirm waits for approval' approval
run plan app
gives 'plan names the line that approves the migration' 4 'Approved=1:3'
begin Version=3 Policy=confirm Approved=1:3
stamp 1
condition 'an approved migration is pending' pending

begin Version=3
stamp 1
printf '{"from":"1","to":"3","finished":"2026-11-22T09:17:38Z","reason":"Script=/x failed"}' \
        >"$root/var/lib/migrate/app/failed"
condition 'a state with a recorded failure is failed' failed
run status app
gives 'status shows the recorded reason' 0 'Script=/x failed'
odd=$'a\u202egpj.exe\u009b31m\u007f\u200b\U000e0041\u00e4\U0001f600'
printf '{"from":"1","to":"3","finished":"2026-11-22T09:17:38Z","reason":"%s"}' "$odd" \
        >"$root/var/lib/migrate/app/failed"
for mode in short pretty; do
        run --json=$mode status app
        like "--json=$mode escapes characters that change the direction, are invisible or control a terminal" "$output" \
                $'a\\\\u202egpj\.exe\\\\u009b31m\\\\u007f\\\\u200b\\\\udb40\\\\udc41\u00e4\U0001f600'
done
is 'a reader of the JSON gets these characters' "$(value status 0 | PYTHONIOENCODING=utf-8 python3 -c '
import json, sys
print(next(v for v in json.load(sys.stdin).values() if isinstance(v, str) and "gpj" in v).split(" (it failed")[0])')" "$odd"
printf '{"from":"1","to":"3","retry":1}' >"$root/var/lib/migrate/app/failed"
condition 'a failed state is pending after retry' pending
printf '{"from":"1","to":"3","id":"x"}' >"$root/var/lib/migrate/app/transaction"
condition 'a state with a transaction on record is in-flight' in-flight

begin Version=3 Versio=3
condition 'a declaration with an unknown key is invalid' invalid
begin
condition 'a declaration without a version is inert' inert
run status
gives 'the overview says that a service is not enabled' 0 'not enabled; --all'
run status --all
gives 'status --all lists a service that is not enabled' 0 'app +- +- +inert'

begin Version=3
stamp 1
chmod 0 "$root/var/lib/app"
if (( EUID == 0 )); then
        skip 'a directory that cannot be read is unreadable' 'root can read every directory'
else
        condition 'a directory that cannot be read is unreadable' unreadable
fi
chmod 755 "$root/var/lib/app"

### plan

begin Version=3
stamp 1
run plan app
gives 'plan prints every step' 0 '1\. 1 → 2  to-2'
like 'plan prints the description of a step' "$output" 'users get files'
like 'plan prints the commands of a step' "$output" 'Post +/usr/lib/app/up post'
is 'the JSON output of plan has the commands of a step' "$(value plan steps 1 post)" '["/usr/lib/app/up", "post"]'
run plan app --from=2
gives 'plan --from= plans from another version' 0 '2 → 3 in 1 step'
run plan app --from=4
gives 'plan --from= refuses a newer version' 6 'newer'
run plan app --from=?
gives 'plan --from= refuses an invalid version' 2 'is not a valid version'
run plan other
gives 'plan refuses a service without a declaration' 6 "nothing declares 'other'"
run --json=short plan app --from=1
ok 'the output of --json= is JSON' python3 -m json.tool <<<"$output"

### check

run check
gives 'check succeeds for a valid declaration' 0 '^1 declaration, valid$'
chmod -x "$root/usr/lib/app/up"
run check
gives 'check finds a script that is not executable' 8 'to-2\.ini:5: Script=/usr/lib/app/up is not executable'
chmod +x "$root/usr/lib/app/up"
rm "$root/bin/sh"
run check
gives 'check finds a script whose interpreter does not exist' 8 '#!/bin/sh, which does not exist'
: >"$root/bin/sh"
rm "$root/etc/systemd/system/app.service"
run check
gives 'check warns of a unit that does not exist and succeeds' 0 'warning: there is no unit app.service'
: >"$root/etc/systemd/system/app.service"
rm "$root/usr/lib/app/up"
ln -s /usr/bin/env "$root/usr/lib/app/up"
run check
gives 'check finds a link that leads nowhere in this root' 8 'No such file'
printf 'x=1\n' >>"$root/usr/lib/migrate.d/app.ini"
run check
gives 'check finds an invalid line' 8 "app\\.ini:4: .*'x='"
is 'the JSON output of check has the severity' "$(names=(); value check 0 severity)" error
run check other
gives 'check refuses a service without a declaration' 6 "nothing declares 'other'"

### names, and what nothing declares

begin Version=3 Unit=web.service Unit=job@7.service Exclude=/var/lib/app/cache
stamp 1
for word in app migrate@app migrate@app.service migrate-post@app.service web web.service job@7.service; do
        run status "$word"
        gives "$word is app" 0 '^(●|\*) app - '
done
run status app.service
gives 'a unit that is none of app is not taken for app, although its name is similar' 2 'app\.service is not a unit of app\.'
run status app
gives 'status says what is excluded' 0 'Excluded: /var/lib/app/cache, which stays as it is and is in no backup'
run plan web
gives 'plan says what is excluded' 0 'Excluded: /var/lib/app/cache, which stays as it is and is in no backup'
is 'the JSON output of status has what is excluded' "$(value status 0 excludes)" '["/var/lib/app/cache"]'
is 'the JSON output of plan has what is excluded' "$(value plan excludes)" '["/var/lib/app/cache"]'
printf '[State]\nUnit=web.service\nDirectory=/var/lib/more\n' >"$root/usr/lib/migrate.d/more.ini"
run status web.service
gives 'a unit of two services is refused, with their names' 2 'web.service is a unit of app and of more: name one of these'
run status appp
gives 'a misspelled name is refused, with the right one' 6 "nothing declares 'appp'. Did you mean: app\$"
run stauts
gives 'a misspelled command is refused, with the right one' 2 "no command 'stauts'. Did you mean: migratectl status\$"
run nonsense
gives 'a command that is like no other is refused, with the way to all of them' 2 'Run: migratectl --help'
mkdir "$root/usr/lib/migrate.d/app.ini.d"
printf '# mine\n[State]\nKeep=2' >"$root/usr/lib/migrate.d/app.ini.d/mine.ini"
run cat app
is 'cat prints every file, below its path, and each on lines of its own' "$output" "$(
        for file in app.ini app.ini.d/mine.ini app/to-2.ini app/to-3.ini; do
                [[ $file == app.ini ]] || echo
                echo "# $root/usr/lib/migrate.d/$file"
                cat "$root/usr/lib/migrate.d/$file"
                [[ $file != *mine* ]] || echo
        done)"
run cat other
gives 'cat refuses a service without a declaration' 6 "nothing declares 'other'"
for command in new log disable start; do
        run "$command" app
        gives "$command is refused for another root" 2 "works on the running system only"
done

### modes

begin Version=3
stamp 1
for file in usr/lib/migrate.d/app.ini usr/lib/migrate.d/app/to-2.ini usr/lib/migrate.d/app usr/lib/migrate.d usr/lib/app/up usr/lib/app; do
        chmod o+w "$root/$file"
        run check
        gives "check warns of $file, which every user can change" 0 \
                "warning: every user can change $root/$file. Run: chmod o-w $root/$file"
        chmod o-w "$root/$file"
        run check
        gives "check does not warn of $file once others cannot change it" 0 '^1 declaration, valid$'
done

### adopt

begin Version=3
data
run adopt app 1
gives 'adopt records a version' 0 'no version → 1'
is 'adopt writes a stamp into the directory' "$(ls -A "$root/var/lib/app")" $'.stateversion.app=1\ndata'
run adopt app 1
gives 'adopt succeeds if the version is recorded already' 0 'already'
run adopt app 2
gives 'adopt refuses to replace a recorded version' 6 'recorded as version 1'
run adopt app 2 --force
gives 'adopt --force replaces a recorded version' 0 '1 → 2'
is 'adopt --force leaves only the new stamp' "$(ls -A "$root/var/lib/app")" $'.stateversion.app=2\ndata'
stamp 1
run adopt app 3
gives 'adopt refuses to replace several stamps' \
        6 'do not agree: /var/lib/app is at 1 and 2\. Nothing was changed.*--force'
is 'an adopt that is refused changes no stamp' "$(ls -A "$root/var/lib/app")" \
        $'.stateversion.app=1\n.stateversion.app=2\ndata'
run adopt app 3 --force
gives 'adopt --force replaces several stamps' 0 '1 and 2 → 3'
begin Directory=/srv/app
mkdir -p "$root/srv/app"
: >"$root/srv/app/data"
data
stamp 1
run adopt app 1
gives 'adopt refuses a directory without a stamp if another directory has a stamp' 6 '/srv/app has no stamp'
run adopt app 1 --force
gives 'adopt --force stamps the directory without a stamp' 0 '/srv/app: no version → 1'
run adopt app 2
gives 'adopt refuses to replace the version of a service that is not enabled' 6 'recorded as version 1'
run adopt app 'a b'
gives 'adopt refuses an invalid version' 2 'is not a valid version'
begin Version=3
run adopt app 1
gives 'adopt refuses an empty directory' 6 'is a disk not mounted'

### history

begin Version=3
run history
gives 'history says that nothing was migrated' 0 'Nothing was migrated'
cat >"$root/var/lib/migrate/app/history" <<'END'
{"id":"b","service":"app","from":"1","to":"2","finished":"2026-11-22T09:17:38Z","result":"done","duration":3200000}
damaged
{"service":"app","to":"1","finished":"2026-11-20T09:17:38Z","result":"done","action":"adopted"}
END
run history
gives 'history lists the newest event last and skips a damaged line' 0 '-.* 1 .*adopted.*1 +2 +done +3\.2 s +b'
is 'the JSON output of history has the newest event first' "$(value history 1 id)" b
TZ=UTC run --no-legend history
unlike '--no-legend prints no headings' "$output" WHEN

### backups

# backup ID VERSION FINISHED [BASE]: a backup with its manifest
backup() {
        local base=${4:-/var/lib/migrate/app}
        mkdir -p "$root/var/lib/migrate/app/backups/$1" "$root$base/backups/$1/app"
        printf '{"id":"%s","from":"%s","to":"2","finished":"%s","bytes":2097152,"files":3,"generation":"/nix/store/x-system-17","places":[{"directory":"/srv/app","base":"%s","entry":"app"}]}\n' \
                "$1" "$2" "$3" "$base" >"$root/var/lib/migrate/app/backups/$1/manifest"
}

begin Version=3
stamp 3
run backups
gives 'backups says that there are no backups' 0 '^There are no backups\.$'
is 'the JSON output of backups is an empty list' "$(value backups)" '[]'
backup one 1 2026-01-01T09:17:38Z
backup two 1.5 2026-02-01T09:17:38Z /srv/.migrate/app
backup bad 1 yesterday
TZ=UTC run backups app
gives 'backups lists the newest backup first' \
        0 'two +1\.5 +2 .*2026-02-01 09:17:38 .* days +2\.0 MiB +x-system-17 +whole.*one +1 +2 '
gives 'backups lists a damaged backup beside whole backups' \
        0 'app: bad: its manifest does not say its time.*bad .*damaged'
is 'the JSON output of backups has the damaged backup last' \
        "$(value backups 0 id) $(value backups 1 id) $(value backups 2 state)" 'two one damaged'
is 'the JSON output of backups has the path of the backup' \
        "$(value backups 0 places 0 path)" /srv/.migrate/app/backups/two/app
mv "$root/srv/.migrate" "$root/srv/elsewhere"
is 'a backup on a disk that is not mounted is incomplete' \
        "$(value backups 0 state) $(value backups 0 places 0 there)" 'incomplete false'
mv "$root/var/lib/migrate/app/backups/one" "$root/var/lib/migrate/app/backups/.removing-one"
is 'a backup of which a part was removed has the state "removing"' "$(value backups 1 id) $(value backups 1 state)" 'one removing'
names=()
mv "$root/usr/lib/migrate.d/app.ini" "$root/app.ini"
is 'the JSON output has a backup of a service that is no longer declared' "$(value backups 0 service)" app
mv "$root/app.ini" "$root/usr/lib/migrate.d/app.ini"
names=(app)

### the command line

run rehearse app
gives 'rehearse works on the running system only' 2 "'rehearse' works on the running system only"
run nonsense
gives 'an unknown command is refused' 2 "no command 'nonsense'"
run start app
gives 'start works on the running system only' 2 'running system only'
run plan
gives 'plan without an argument is refused' 2 'needs more'
run plan ../x
gives 'an argument that is not a valid name is refused' 2 'is not a valid name of a declaration'
run --json=xml
gives 'an unknown value of --json= is refused' 2 'short, pretty or off'
run --dry-run status
gives 'only prune takes --dry-run' 2 "'status' does not take --dry-run"
run prune app
gives 'prune works on the running system only' 2 'running system only'
output=$("$migratectl" --json=short prune 2>&1) || status=$?
gives '--json= is refused with prune' 2 "'prune' prints JSON only with --dry-run"
run --force status
gives 'only adopt and restore take --force' 2 "'status' does not take --force"
run --help
gives '--help prints the usage' 0 'migratectl \[OPTIONS...\]'
run --version
gives '--version prints the version' 0 '^migratectl [0-9]'

begin Version=3
stamp 1
run
gives 'the overview lists the pending migration' 0 'Pending, migrated when the service starts:.*app +1 → 3'
output=$(SYSTEMD_COLORS=1 "$migratectl" --root="$root")
like 'the overview has colours with SYSTEMD_COLORS=1' "$output" $'\e\\['
output=$(SYSTEMD_COLORS=1 "$migratectl" --root="$root" --json=pretty)
unlike 'the JSON output has no colours with SYSTEMD_COLORS=1' "$output" $'\e'
output=$(LC_ALL=C "$migratectl" --root="$root")
like 'the overview is in ASCII without UTF-8' "$output" '1 -> 3'

# Programs rely on these keys: more may be added, none may go.
given=$("$migratectl" --root="$root" --json=short status |
        python3 -c 'import json, sys; print(*json.load(sys.stdin)[0])')
is 'the JSON output of status has the documented keys' \
        "$given" 'name declaration declared accepts policy state from to condition verdict what reload next then credentials directories excludes units migration reasons steps approval_given deferred rehearsal store store_error transaction failed post last backups log'
backup one 1 2026-01-01T09:17:38Z
given=$("$migratectl" --root="$root" --json=short backups |
        python3 -c 'import json, sys; print(*json.load(sys.stdin)[0])')
is 'the JSON output of backups has the documented keys' \
        "$given" 'service id state version to action finished bytes files generation boot places what found'
given=$("$migratectl" --root="$root" --json=short plan app |
        python3 -c 'import json, sys; plan = json.load(sys.stdin); print(*plan, *plan["steps"][0])')
is 'the JSON output of plan has the documented keys' \
        "$given" 'name declaration from to outcome condition verdict what reload next then approval approved reasons approve direction excludes visible steps way_back_needs restore aside backup_version lossless space approval_given deferred rehearsal from to migration file kept kept_on description warnings check script verify post'

done_testing
