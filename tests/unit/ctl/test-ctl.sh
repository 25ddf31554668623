#!/bin/bash
# SPDX-License-Identifier: MIT
# What migratectl makes of a system that is not running: every condition that a state can be in,
# plans, checks, adoption, history. As anybody.
# usage: test-ctl.sh MIGRATECTL

. "$(dirname "$0")/../../machine/tap.sh"

migratectl=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
export LC_ALL=C.UTF-8

# begin [LINE…]: a new root, in which app declares these lines and has migrations to 2 and to 3
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

# run ARGUMENT…: sets status and output, of both streams
run() {
        status=0
        output=$("$migratectl" --root="$root" "$@" 2>&1 </dev/null) || status=$?
}

# gives NAME STATUS REGEX
gives() {
        if [[ $status == "$2" ]]; then
                like "$1" "$output" "$3"
        else
                is "$1" "exit status $status: $output" "exit status $2"
        fi
}

# value VERB KEY…: of the JSON that the verb prints for app, or all; keys and indices
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

condition() {
        is "$1" "$(value status 0 condition)" "$2"
}

### conditions

begin Version=2
stamp 2
condition 'the declared version is current' current
run status app
gives 'nothing is to be typed then' 0 'Condition: current'
unlike 'really not' "$output" 'Next:'

begin Version=3
stamp 1
condition 'an older version is pending' pending
is 'with from' "$(value status 0 from)" 1
is 'and to' "$(value status 0 to)" 3
run status
gives 'the table shows it' 0 'app +3 +1 +pending \(1 → 3\)'

begin Version=3 Accepts=2
stamp 2
condition 'an accepted version is no reason to migrate' accepted

begin Version=3
condition 'an empty directory is fresh' fresh
rmdir "$root/var/lib/app"
condition 'so is a missing one' fresh
printf '{"result":"done","to":"2"}\n' >"$root/var/lib/migrate/app/history"
condition 'unless there once was a state' missing
run plan app
gives 'which is refused' 6 'is a disk not mounted'

begin Version=3
data
condition 'data without a stamp is not guessed' unknown
run status app
gives 'it has to be said once' 0 'adopt app VERSION'

begin Version=3 Unversioned=1
data
condition 'unless it is declared what that means' pending
is 'no version is shown, as none is recorded' "$(value status 0 state)" null

begin Version=3 Detect=/usr/lib/app/up
data
condition 'or a script finds out' unstamped
: >"$root/var/lib/migrate/app/fresh=3"
condition 'or the software of that version made it' current

begin Version=1
stamp 2
condition 'a newer state' newer
run plan app
gives 'is refused' 6 'newer than the 1.*migratectl backups app shows which, then migratectl restore app ID'

# back: [Down] sections for both migrations
back() {
        begin Downgrade=script "$@"
        printf '[Down]\nScript=/usr/lib/app/up back\n' >>"$root/usr/lib/migrate.d/app/to-2.ini"
        printf '[Down]\nScript=/usr/lib/app/up back\nPost=/usr/lib/app/up\n' >>"$root/usr/lib/migrate.d/app/to-3.ini"
}
back Version=2
stamp 3
condition 'a newer state that can go back is pending' pending
is 'with from' "$(value status 0 from)" 3
is 'and to' "$(value status 0 to)" 2
is 'the direction is said' "$(value plan direction)" down
is 'the script is that of [Down]' "$(value plan steps 0 script)" '["/usr/lib/app/up", "back"]'
run plan app
gives 'the plan says it too' 0 'app: 3 → 2 in 1 step back'
like 'and whose section it is' "$output" '3 → 2 +to-3 \[Down\]'
back Version=1
stamp 3
condition 'back to before a list, nobody knows from where it came' newer
run plan app
gives 'it is said where the way ends' 6 "lead back to 2, but none from there towards 1; 'to-2' has one, but from which version"
printf '%s\n' '{"from":"1","to":"3","result":"done","steps":[{"migration":"to-2","from":"1","to":"2"},{"migration":"to-3","from":"2","to":"3"}]}' \
        >"$root/var/lib/migrate/app/history"
condition 'unless the history knows' pending
run plan app
gives 'both steps are shown' 0 '3 → 1 in 2 steps back.*3 → 2.*2 → 1'
back Version=2 Policy=confirm
stamp 3
condition 'a way back may need approval' approval
run plan app
gives 'which is for that way' 4 'Approved=3:2'
back Version=2
stamp 1
is 'up it is as ever' "$(value plan direction) $(value plan steps 0 script)" 'up ["/usr/lib/app/up"]'
begin Version=3
stamp 3
is 'without a plan there is no direction' "$(value plan direction)" null

begin Version=3
stamp 1
rm "$root/usr/lib/migrate.d/app/to-2.ini"
condition 'a gap' gap
run plan app
gives 'is refused too' 6 'no migration leads from 1 towards 3'

begin Version=3 Directory=/srv/app
mkdir -p "$root/srv/app"
: >"$root/srv/app/.stateversion.app=2"
stamp 1
condition 'two places at two versions disagree' disagree
run status app
gives 'the status says where' 0 '/var/lib/app is at 1, /srv/app is at 2'
like 'and what to type' "$output" 'adopt --force app VERSION'
run plan app
gives 'the state needs attention' 3 '/var/lib/app is at 1, /srv/app is at 2'
rm "$root/srv/app/.stateversion.app=2"
condition 'so do a stamp and none' disagree

begin Version=3
stamp 1
stamp 2
condition 'two stamps in one place disagree' disagree
rm "$root"/var/lib/app/.state*
stamp 1:3
condition 'what somebody made by hand is no version' disagree

begin Version=3 Policy=confirm
stamp 1
condition 'approval' approval
run plan app
gives 'is explained' 4 'Approved=1:3'
begin Version=3 Policy=confirm Approved=1:3
stamp 1
condition 'once given, it is pending' pending

begin Version=3
stamp 1
printf '{"from":"1","to":"3","finished":"2026-11-22T09:17:38Z","reason":"Script=/x failed"}' \
        >"$root/var/lib/migrate/app/failed"
condition 'a failure' failed
run status app
gives 'has its reason' 0 'Script=/x failed'
printf '{"from":"1","to":"3","retry":1}' >"$root/var/lib/migrate/app/failed"
condition 'until it is to be tried again' pending
printf '{"from":"1","to":"3","id":"x"}' >"$root/var/lib/migrate/app/transaction"
condition 'what was cut off is in flight' in-flight

begin Version=3 Versio=3
condition 'a line that is not understood' invalid
begin
condition 'no version' inert
run status
gives 'is not listed' 0 'not enabled; --all'
run status --all
gives 'but with --all' 0 'app +- +- +inert'

begin Version=3
stamp 1
chmod 0 "$root/var/lib/app"
if (( EUID == 0 )); then
        skip 'what cannot be read' 'root reads everything'
else
        condition 'what cannot be read' unreadable
fi
chmod 755 "$root/var/lib/app"

### plan

begin Version=3
stamp 1
run plan app
gives 'a plan has every step' 0 '1\. 1 → 2  to-2'
like 'with its description' "$output" 'users get files'
like 'and the commands' "$output" 'Post +/usr/lib/app/up post'
is 'as JSON' "$(value plan steps 1 post)" '["/usr/lib/app/up", "post"]'
run plan app --from=2
gives 'from another version' 0 '2 → 3 in 1 step'
run plan app --from=4
gives 'from a newer one' 6 'newer'
run plan app --from=?
gives 'from what is no version' 2 'is no version'
run plan other
gives 'of nothing' 6 "nothing declares 'other'"
run --json=short plan app --from=1
ok 'JSON is JSON' python3 -m json.tool <<<"$output"

### check

run check
gives 'all is well' 0 '^1 declaration, valid$'
chmod -x "$root/usr/lib/app/up"
run check
gives 'a script that is not executable' 8 'to-2\.ini:5: Script=/usr/lib/app/up is not executable'
chmod +x "$root/usr/lib/app/up"
rm "$root/bin/sh"
run check
gives 'an interpreter that does not exist' 8 '#!/bin/sh, which does not exist'
: >"$root/bin/sh"
rm "$root/etc/systemd/system/app.service"
run check
gives 'a unit that does not exist is only worth a warning' 0 'warning: there is no unit app.service'
: >"$root/etc/systemd/system/app.service"
rm "$root/usr/lib/app/up"
ln -s /usr/bin/env "$root/usr/lib/app/up"
run check
gives 'a link that leads nowhere in this root' 8 'No such file'
printf 'x=1\n' >>"$root/usr/lib/migrate.d/app.ini"
run check
gives 'an invalid line' 8 "app\\.ini:4: .*'x='"
is 'as JSON' "$(names=(); value check 0 severity)" error
run check other
gives 'a name that nothing declares' 6 "nothing declares 'other'"

### adopt

begin Version=3
data
run adopt app 1
gives 'a version is recorded' 0 'no version → 1'
is 'as a stamp' "$(ls -A "$root/var/lib/app")" $'.stateversion.app=1\ndata'
run adopt app 1
gives 'once' 0 'already'
run adopt app 2
gives 'and not replaced' 6 'recorded as version 1'
run adopt app 2 --force
gives 'but by force' 0 '1 → 2'
is 'then it is the only one' "$(ls -A "$root/var/lib/app")" $'.stateversion.app=2\ndata'
stamp 1
run adopt app 3
gives 'nor is one of several' 6 'do not agree: /var/lib/app is at 1 and 2\. Nothing was changed.*--force'
is 'they are still there' "$(ls -A "$root/var/lib/app")" \
        $'.stateversion.app=1\n.stateversion.app=2\ndata'
run adopt app 3 --force
gives 'but by force, too' 0 '1 and 2 → 3'
begin Directory=/srv/app
mkdir -p "$root/srv/app"
: >"$root/srv/app/data"
data
stamp 1
run adopt app 1
gives 'nor is one given to a place without' 6 '/srv/app has no stamp'
run adopt app 1 --force
gives 'but by force, once more' 0 '/srv/app: no version → 1'
run adopt app 2
gives 'what is not enabled keeps its version, too' 6 'recorded as version 1'
run adopt app 'a b'
gives 'what is no version' 2 'is no version'
begin Version=3
run adopt app 1
gives 'an empty directory has none' 6 'is a disk not mounted'

### history

begin Version=3
run history
gives 'nothing was done' 0 'Nothing was migrated'
cat >"$root/var/lib/migrate/app/history" <<'END'
{"id":"b","service":"app","from":"1","to":"2","finished":"2026-11-22T09:17:38Z","result":"done","duration":3200000}
damaged
{"service":"app","to":"1","finished":"2026-11-20T09:17:38Z","result":"done","action":"adopted"}
END
run history
gives 'newest last' 0 '-.* 1 .*adopted.*1 +2 +done +3\.2 s +b'
is 'as JSON' "$(value history 1 id)" b
TZ=UTC run --no-legend history
unlike 'without headings' "$output" WHEN

### backups

# backup ID VERSION FINISHED [BASE]: with its manifest
backup() {
        local base=${4:-/var/lib/migrate/app}
        mkdir -p "$root/var/lib/migrate/app/backups/$1" "$root$base/backups/$1/app"
        printf '{"id":"%s","from":"%s","to":"2","finished":"%s","bytes":2097152,"files":3,"generation":"/nix/store/x-system-17","places":[{"directory":"/srv/app","base":"%s","entry":"app"}]}\n' \
                "$1" "$2" "$3" "$base" >"$root/var/lib/migrate/app/backups/$1/manifest"
}

begin Version=3
stamp 3
run backups
gives 'no backups yet' 0 '^There are no backups\.$'
is 'nor as JSON' "$(value backups)" '[]'
backup one 1 2026-01-01T09:17:38Z
backup two 1.5 2026-02-01T09:17:38Z /srv/.migrate/app
backup bad 1 yesterday
TZ=UTC run backups app
gives 'backups, newest first' 0 'two +1\.5 +2 .*2026-02-01 09:17:38 .* days +2\.0 MiB +x-system-17 +whole.*one +1 +2 '
gives 'one that is damaged hides none' 0 'app: bad: its manifest does not say when it was made.*bad .*damaged'
is 'backups as JSON' "$(value backups 0 id) $(value backups 1 id) $(value backups 2 state)" 'two one damaged'
is 'where it lies' "$(value backups 0 places 0 path)" /srv/.migrate/app/backups/two/app
mv "$root/srv/.migrate" "$root/srv/elsewhere"
is 'a disk that is not mounted' "$(value backups 0 state) $(value backups 0 places 0 there)" 'incomplete false'
mv "$root/var/lib/migrate/app/backups/one" "$root/var/lib/migrate/app/backups/.removing-one"
is 'one that is half removed' "$(value backups 1 id) $(value backups 1 state)" 'one removing'
names=()
mv "$root/usr/lib/migrate.d/app.ini" "$root/app.ini"
is 'also of what nothing declares any more' "$(value backups 0 service)" app
mv "$root/app.ini" "$root/usr/lib/migrate.d/app.ini"
names=(app)

### the command line

run rehearse app
gives 'what works on the running system only' 2 "'rehearse' works on the running system only"
run nonsense
gives 'a command that does not exist' 2 "no command 'nonsense'"
run start app
gives 'what works on the running system only' 2 'running system only'
run plan
gives 'too few arguments' 2 'needs more'
run plan ../x
gives 'a name that is none' 2 'no name for a declaration'
run --json=xml
gives '--json=' 2 'short, pretty or off'
run --dry-run status
gives '--dry-run where it means nothing' 2 '--dry-run goes with prune only'
run prune app
gives 'pruning is for the running system' 2 'running system only'
output=$("$migratectl" --json=short prune 2>&1) || status=$?
gives 'what is done prints no JSON' 2 "'prune' prints no JSON"
run --force status
gives 'an option that would do nothing' 2 'goes with adopt and restore only'
run --help
gives '--help' 0 'migratectl \[OPTIONS...\]'
run --version
gives '--version' 0 '^migratectl [0-9]'

begin Version=3
stamp 1
run
gives 'the overview' 0 'Pending, migrated when the service starts:.*app +1 → 3'
output=$(SYSTEMD_COLORS=1 "$migratectl" --root="$root")
like 'colours, where wanted' "$output" $'\e\\['
output=$(SYSTEMD_COLORS=1 "$migratectl" --root="$root" --json=pretty)
unlike 'but not in JSON' "$output" $'\e'
output=$(LC_ALL=C "$migratectl" --root="$root")
like 'without UTF-8' "$output" '1 -> 3'

# Programs rely on them: more may come, none may go.
given=$("$migratectl" --root="$root" --json=short status |
        python3 -c 'import json, sys; print(*json.load(sys.stdin)[0])')
is 'the keys of status' "$given" 'name declaration declared accepts policy state condition from to what next directories units migration reasons steps approval_given deferred rehearsal store store_error transaction failed post last backups log'
backup one 1 2026-01-01T09:17:38Z
given=$("$migratectl" --root="$root" --json=short backups |
        python3 -c 'import json, sys; print(*json.load(sys.stdin)[0])')
is 'the keys of backups' "$given" 'service id state version to action finished bytes files generation boot places what'
given=$("$migratectl" --root="$root" --json=short plan app |
        python3 -c 'import json, sys; plan = json.load(sys.stdin); print(*plan, *plan["steps"][0])')
is 'the keys of plan' "$given" 'name declaration from to outcome what approval approved reasons approve direction steps restore aside backup_version lossless space approval_given deferred rehearsal from to migration file kept kept_on description warnings check script verify post'

done_testing
