# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# bash completion for migratectl(1). Reads files only, so that TAB is quick, starts nothing that waits for
# the system, and says nothing where they are not to be read.

# Names of files are anybody's, and what is offered ends up on a command line: only what a name of ours may be.
__migratectl_plain() {
        [[ $1 == [[:alnum:]_]* && $1 != *[^[:alnum:]:_.~^+-]* ]] && printf '%s\n' "$1"
}

# The names of what is declared below a root, "" for this system.
__migratectl_names() {
        local file
        for file in "$1"/{etc,run,usr/local/lib,usr/lib}/migrate.d/*.ini; do
                [[ -e $file ]] || continue
                file=${file##*/}
                __migratectl_plain "${file%.ini}"
        done
}

# Versions that the declaration of a service names.
__migratectl_versions() {
        local -a files=()
        local file
        for file in "$1"/{etc,run,usr/local/lib,usr/lib}/migrate.d/"$2"{.ini,.ini.d/*.ini,/*.ini}; do
                [[ -r $file ]] && files+=("$file")
        done
        (( ${#files[@]} )) && sed -nE 's/^[[:space:]]*(Version|Accepts|From|To)[[:space:]]*=[[:space:]]*([][:alnum:]._+~^-]+)[[:space:]]*$/\2/p' \
                "${files[@]}" 2>/dev/null
}

# The backups of a service: those that have a manifest.
__migratectl_ids() {
        local file
        for file in "$1/var/lib/migrate/$2"/backups/*/manifest; do
                [[ -e $file ]] || continue
                file=${file%/manifest}
                __migratectl_plain "${file##*/}"
        done
}

__migratectl_machines() {
        local file
        for file in /run/systemd/machines/*; do
                [[ -f $file && $file != *:* ]] && __migratectl_plain "${file##*/}"
        done
}

# Offers the words that begin as what is being typed does. Not with compgen -W, which runs what is in them.
__migratectl_offer() {
        local word
        local -a words
        IFS=$' \t\n' read -rd '' -a words <<<"$1"
        for word in "${words[@]}"; do
                [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
        done
}

# The verb, what stands behind it, and the root, as far as they have been typed.
__migratectl_parse() {
        local i word
        verb='' root='' names=()
        for (( i = 1; i < COMP_CWORD; i++ )); do
                word=${COMP_WORDS[i]}
                # "=" breaks words
                if [[ ${COMP_WORDS[i+1]-} == = ]] && (( i + 1 < COMP_CWORD )); then
                        [[ $word == --root ]] && root=${COMP_WORDS[i+2]%/}
                        (( i += 2 ))
                elif [[ $word == --@(root|json|from|reason|lines|host|machine) || $word == -[nHM] ]]; then
                        (( ++i ))
                        [[ $word == --root ]] && root=${COMP_WORDS[i]%/}
                elif [[ $word == -* ]]; then
                        continue
                elif [[ -z $verb ]]; then
                        verb=$word
                else
                        names+=("$word")
                fi
        done
}

_migratectl() {
        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb root
        local -a names
        local verbs='status plan check cat new enable disable adopt approve defer resume rehearse start retry log history backups
                     restore forget prune help'
        local options='--help --version --root= --host= --machine= --json= --from= --lines= --follow --all --full --keep --stop --force --dry-run
                       --reason= --revoke --yes --no-pager --no-legend --quiet'

        COMPREPLY=()
        [[ $cur == = ]] && cur=
        [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}
        __migratectl_parse
        case $prev in
        --root) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
        --json) __migratectl_offer 'short pretty off'; return ;;
        --from) __migratectl_offer "$(__migratectl_versions "$root" "${names[0]-*}")"; return ;;
        --machine|-M) __migratectl_offer "$(__migratectl_machines)"; return ;;
        --lines|-n) __migratectl_offer all; return ;;
        --host|-H) mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur"); return ;;
        --reason) return ;;
        esac
        if [[ $cur == -* ]]; then
                __migratectl_offer "$options"
                [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
                return
        fi
        case $verb in
        '') __migratectl_offer "$verbs" ;;
        help) (( ${#names[@]} == 0 )) && __migratectl_offer "$verbs" ;;
        restore)
                if (( ${#names[@]} == 0 )); then __migratectl_offer "$(__migratectl_names "$root")"
                elif (( ${#names[@]} == 1 )); then __migratectl_offer "latest $(__migratectl_ids "$root" "${names[0]}")"
                fi ;;
        forget)
                if (( ${#names[@]} == 0 )); then __migratectl_offer "$(__migratectl_names "$root")"
                elif (( ${#names[@]} == 1 )); then __migratectl_offer "$(__migratectl_ids "$root" "${names[0]}")"
                fi ;;
        enable|adopt)
                if (( ${#names[@]} == 0 )); then __migratectl_offer "$(__migratectl_names "$root")"
                elif (( ${#names[@]} == 1 )); then __migratectl_offer "$(__migratectl_versions "$root" "${names[0]}")"
                fi ;;
        defer)
                if (( ${#names[@]} == 0 )); then __migratectl_offer "$(__migratectl_names "$root")"
                elif (( ${#names[@]} == 1 )); then __migratectl_offer 'tomorrow +1d +7d'
                fi ;;
        plan|approve|resume|disable)
                (( ${#names[@]} == 0 )) && __migratectl_offer "$(__migratectl_names "$root")" ;;
        status|check|cat|rehearse|start|retry|log|history|backups|prune)
                __migratectl_offer "$(__migratectl_names "$root")" ;;
        esac
        return 0
}

complete -F _migratectl migratectl
