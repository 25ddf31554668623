# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Checks that print TAP. To be sourced after machine.sh, where a test uses machines: a check that
# fails then prints the end of each machine's journal too.
#
#   ok NAME COMMAND…        the command succeeds
#   fails NAME COMMAND…     the command fails (not: cannot be found or run, 126 and 127)
#   is NAME GOT WANTED      the two are the same text
#   like NAME GOT REGEX     GOT matches the extended regular expression
#   unlike NAME GOT REGEX
#   skip NAME REASON        a check that cannot be made here
#   skip_all REASON         nothing of this file can be checked here; exits
#   diag TEXT…              a remark in the output
#   done_testing            prints the plan and exits: 0 if all was well

tap_count=0
tap_failed=0

diag() {
        printf '%s\n' "$*" | sed 's/^/# /'
}

tap_pass() {
        echo "ok $((++tap_count)) - $1"
}

# tap_fail NAME [LABEL TEXT]…: with what is known about it
tap_fail() {
        local machine frame
        (( ++tap_failed ))
        echo "not ok $((++tap_count)) - $1"
        for (( frame = 2; frame < ${#BASH_SOURCE[@]}; frame++ )); do
                diag "at ${BASH_SOURCE[frame]##*/} line ${BASH_LINENO[frame - 1]}"
        done
        shift
        while (( $# )); do
                if [[ $2 == *$'\n'* ]]; then
                        diag "$1:"
                        printf '%s\n' "$2" | tail -n 100 | sed 's/^/#   /'
                else
                        diag "$1: $2"
                fi
                shift 2
        done
        [[ -n ${MACHINE_DIRECTORY-} ]] || return 1
        for machine in "$MACHINE_DIRECTORY"/*/; do
                [[ -d $machine ]] || continue
                machine=$(basename "$machine")
                diag "the journal of $machine:"
                machine_journal "$machine" -n 20 -o short-monotonic 2>&1 </dev/null | sed 's/^/#   /'
        done
        return 1
}

# tap_run COMMAND…: sets tap_status and tap_output
tap_run() {
        local file
        file=$(mktemp)
        tap_status=0
        "$@" >"$file" 2>&1 || tap_status=$?
        tap_output=$(tr -d '\0' <"$file")
        rm "$file"
}

ok() {
        tap_run "${@:2}"
        if (( tap_status == 0 )); then
                tap_pass "$1"
        else
                tap_fail "$1" command "${*:2}" 'exit status' "$tap_status" output "$tap_output"
        fi
}

fails() {
        tap_run "${@:2}"
        if (( tap_status != 0 && tap_status != 126 && tap_status != 127 )); then
                tap_pass "$1"
        else
                tap_fail "$1" command "${*:2}" 'exit status' "$tap_status" output "$tap_output"
        fi
}

is() {
        if [[ $2 == "$3" ]]; then
                tap_pass "$1"
        else
                tap_fail "$1" got "$2" wanted "$3"
        fi
}

like() {
        if [[ $2 =~ $3 ]]; then
                tap_pass "$1"
        else
                tap_fail "$1" got "$2" 'wanted a match of' "$3"
        fi
}

unlike() {
        if [[ $2 =~ $3 ]]; then
                tap_fail "$1" got "$2" 'wanted no match of' "$3"
        else
                tap_pass "$1"
        fi
}

skip() {
        echo "ok $((++tap_count)) - $1 # SKIP $2"
}

skip_all() {
        echo "1..0 # SKIP $1"
        exit 0
}

done_testing() {
        echo "1..$tap_count"
        exit $(( tap_failed > 0 ))
}
