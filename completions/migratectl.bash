# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# bash completion for migratectl(1)

# The names of what is declared; all of them where the verb takes any.
__migratectl_names() {
        migratectl status --all --json=short --no-pager "$@" 2>/dev/null |
                grep -oE '"name":"[^"]*","declaration"' | cut -d '"' -f 4
}

# The backups of the service that is named behind the verb.
__migratectl_ids() {
        local word name='' seen=''
        for word; do
                [[ $word == -* || $word == = ]] && continue
                if [[ $seen == yes ]]; then name=$word; break; fi
                [[ $word == restore ]] && seen=yes
        done
        migratectl backups --json=short --no-pager "$name" 2>/dev/null |
                grep -oE '"id":"[^"]*","state":"whole"' | cut -d '"' -f 4
}

_migratectl() {
        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} word verb='' i n=0
        local -a root=()
        local verbs='status plan check enable adopt approve defer resume start retry history backups restore forget prune'
        local options='--help --version --root= --json= --from= --all --force --dry-run --reason= --revoke --yes --no-pager --no-legend
                       --quiet'

        # "=" breaks words
        [[ $cur == = ]] && cur=
        [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}
        for (( i = 1; i < COMP_CWORD; i++ )); do
                word=${COMP_WORDS[i]}
                case $word in
                --root) [[ ${COMP_WORDS[i+1]} == = && -n ${COMP_WORDS[i+2]} ]] &&
                                root=("--root=${COMP_WORDS[i+2]}") ;;
                -*|=) ;;
                *)
                        [[ ${COMP_WORDS[i-1]} == = ]] && continue
                        if [[ -z $verb ]]; then verb=$word; else (( ++n )); fi ;;
                esac
        done

        COMPREPLY=()
        case $prev in
        --root) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
        --json) mapfile -t COMPREPLY < <(compgen -W 'short pretty off' -- "$cur"); return ;;
        --from|--reason) return ;;
        esac
        if [[ $cur == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
                [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
        elif [[ -z $verb ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur")
        elif [[ $verb == restore ]] && (( n == 1 )); then
                mapfile -t COMPREPLY < <(compgen -W "$(__migratectl_ids "${COMP_WORDS[@]}")" -- "$cur")
        elif [[ " plan enable adopt approve defer resume restore " == *" $verb "* ]] && (( n > 0 )); then
                return # one name, then a version
        elif [[ " $verbs " == *" $verb "* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$(__migratectl_names "${root[@]}")" -- "$cur")
        fi
}

complete -F _migratectl migratectl
