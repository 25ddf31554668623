#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The completions in real shells, bash and zsh, on a terminal: the command line after TAB. Prints TAP.

    test-completions.py MIGRATECTL"""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
COMPLETIONS = HERE.parents[2] / "completions"
BASH_COMPLETION = pathlib.Path("/usr/share/bash-completion/bash_completion")
MIGRATECTL = sys.argv[1]
sys.path.insert(0, str(HERE.parents[1] / "machine"))
from checks import finish, report, same, skip  # noqa: E402

ID = "20261122T091738Z-0a1b2c3d"
# names of files that would make the file $MARK if a shell expanded them
HOSTILE = ("x$(touch ${MARK})", "y`touch ${MARK}`", "z $(touch ${MARK}) blank", "${MARK[$(touch ${MARK})0]}", "*")


def make_root(directory):
    root = pathlib.Path(directory) / "root"
    migrate = root / "usr/lib/migrate.d"
    (migrate / "wiki").mkdir(parents=True)
    (root / "etc/migrate.d/wiki.ini.d").mkdir(parents=True)
    (migrate / "wiki.ini").write_text("[State]\nDirectory=/var/lib/wiki\nAccepts=1.30\n")
    (root / "etc/migrate.d/wiki.ini.d/version.ini").write_text("[State]\n Version = 2.41~rc1 \n")
    (migrate / "wiki/up.ini").write_text("[Migration]\nFrom=>=1 <2\nTo=2.40\n[Up]\nScript=/x To=9\n")
    (migrate / "mail.ini").write_text("[State]\n")
    for identity in (ID, "20251122T091738Z-00000000"):
        backup = root / "var/lib/migrate/wiki/backups" / identity
        backup.mkdir(parents=True)
        (backup / "manifest").write_text("{}")
    for name in HOSTILE:
        (root / "etc/migrate.d" / f"{name}.ini").write_text("[State]\n")
        (root / "var/lib/migrate/wiki/backups" / name).mkdir()
        (root / "var/lib/migrate/wiki/backups" / name / "manifest").write_text("{}")
    (root / "etc/migrate.d/nasty.ini").write_text("[State]\nVersion=$(touch ${MARK})\nAccepts=`touch $MARK`\n")
    for name in (".removing-1", "20271122T091738Z-failed"):
        (root / "var/lib/migrate/wiki/backups" / name).mkdir()
    return root


class Shell:
    """A shell on a terminal, whose migratectl only notes that it was called."""

    def __init__(self, directory, arguments, setup):
        self.leader, follower = pty.openpty()
        bins = pathlib.Path(directory) / "bin"
        bins.mkdir(exist_ok=True)
        self.called = pathlib.Path(directory) / "called"
        self.mark = pathlib.Path(directory) / "mark"
        (bins / "migratectl").write_text(f"#!/bin/sh\necho called >>{self.called}\n")
        (bins / "migratectl").chmod(0o755)
        environment = {"PATH": f"{bins}:{os.environ['PATH']}", "HOME": str(directory), "TERM": "dumb",
                       "MARK": str(self.mark), "PS1": "@@", "LC_ALL": "C.UTF-8", "ZDOTDIR": str(directory)}
        self.process = subprocess.Popen(arguments, stdin=follower, stdout=follower, stderr=follower,
                                        env=environment, start_new_session=True, cwd=directory)
        os.close(follower)
        self.text = self.seen = ""
        self.send(setup + "\necho re''ady\n")
        self.wait("\nready\n[^@]*@@")

    def send(self, text):
        os.write(self.leader, text.encode())

    def wait(self, pattern, seconds=20):
        """Reads until the pattern matches; the match."""
        end = time.monotonic() + seconds
        while True:
            match = re.search(pattern, self.text)
            if match:
                self.text = self.text[match.end():]
                return match
            ready = select.select([self.leader], [], [], max(0, end - time.monotonic()))[0]
            if not ready:
                raise TimeoutError(f"no {pattern!r} in {self.text!r}")
            some = os.read(self.leader, 65536).decode(errors="replace").replace("\r", "\n")
            self.text += some
            self.seen += some

    def line(self, typed):
        """The line after `typed` and TAB; a bound key prints the line and drops it."""
        self.text = self.seen = ""
        # no key that the terminal itself would take (^D) while no line editor reads
        self.send(typed + "\t" + "\x18\x0b")
        # until the next prompt the line editor does not read
        return self.wait(r"<<(.*)>>[^@]*@@").group(1)

    def all(self, typed):
        """All words that are offered after `typed`."""
        self.text = ""
        self.send(typed + "\x18\x01")
        return sorted(set(self.wait(r"\[\[(.*)\]\][^@]*@@").group(1).split()))

    def end(self):
        os.close(self.leader)
        self.process.wait(timeout=20)


BASH = f"""PS1=@@ PS2=; bind 'set bell-style none' 'set completion-query-items 0' 'set page-completions off' 2>/dev/null
bind 'set enable-bracketed-paste off'
. {BASH_COMPLETION}
. {COMPLETIONS}/migratectl.bash
_show() {{ printf '\\n<<%s>>\\n' "$READLINE_LINE"; READLINE_LINE= READLINE_POINT=0; }}
_all() {{
        local COMP_WORDS COMP_CWORD COMPREPLY=() COMP_LINE=$READLINE_LINE COMP_POINT=${{#READLINE_LINE}} l=$READLINE_LINE
        COMP_WORDS=(${{l//=/ = }}); [[ $l == *' ' || $l == *= ]] && COMP_WORDS+=('')
        COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
        compopt() {{ :; }}; _migratectl; unset -f compopt
        printf '\\n[[%s]]\\n' "${{COMPREPLY[*]}}"; READLINE_LINE= READLINE_POINT=0
}}
bind -x '"\\C-x\\C-k": _show'; bind -x '"\\C-x\\C-a": _all'"""

# zsh keeps no list of the words that it offers, so compadd collects them
ZSH = f"""PS1=@@ PS2= RPS1=; unsetopt zle_bracketed_paste prompt_cr prompt_sp 2>/dev/null; unset zle_bracketed_paste
fpath=({COMPLETIONS} $fpath); autoload -Uz compinit; compinit -u -D; setopt no_list_beep no_beep
LISTMAX=0; bindkey -e; zstyle ':completion:*' list-prompt ''; setopt no_auto_list no_auto_menu
_show() {{ print -r; print -r "<<$BUFFER>>"; BUFFER=; zle -I; zle -R; }}; zle -N _show; bindkey '^X^K' _show
_collect() {{
        typeset -ga offered=()
        compadd() {{
                local -a found=()
                builtin compadd -O found "$@" 2>/dev/null; offered+=($found); builtin compadd "$@"
        }}
        _main_complete; unfunction compadd; compstate[insert]= compstate[list]=
}}
zle -C _collecting complete-word _collect
_all() {{ zle _collecting; print -r; print -r "[[$offered]]"; BUFFER=; zle -I; zle -R; }}; zle -N _all; bindkey '^X^A' _all"""


def check(directory, shell, name, root):
    given = f"--root={root}"
    for typed, wanted in (
            ("migratectl stat", "migratectl status "),
            ("migratectl hist", "migratectl history "),
            ("migratectl help hist", "migratectl help history "),
            ("migratectl --js", "migratectl --json="),
            ("migratectl --json=pr", "migratectl --json=pretty "),
            ("migratectl --no-p", "migratectl --no-pager "),
            (f"migratectl {given} status wi", f"migratectl {given} status wiki "),
            (f"migratectl {given} status mail wi", f"migratectl {given} status mail wiki "),
            (f"migratectl {given} restore wi", f"migratectl {given} restore wiki "),
            (f"migratectl {given} restore wiki 2026", f"migratectl {given} restore wiki {ID} "),
            (f"migratectl {given} adopt wiki 2.40", f"migratectl {given} adopt wiki 2.40 "),
            (f"migratectl {given} enable wiki 1", f"migratectl {given} enable wiki 1.30 "),
            (f"migratectl {given} plan wiki --from=2.41", f"migratectl {given} plan wiki --from=2.41~rc1 "),
            (f"migratectl {given} defer wiki tom", f"migratectl {given} defer wiki tomorrow "),
            (f"migratectl {given} restore nothing 2", f"migratectl {given} restore nothing 2"),
            (f"migratectl {given} plan wiki mai", f"migratectl {given} plan wiki mai"),
            ("migratectl nonsense x", "migratectl nonsense x")):
        same(f"{name}: TAB completes '{typed.replace(str(root), 'DIR')}'", shell.line(typed).replace("\\", ""), wanted)
    same(f"{name}: restore offers only the ids of all backups, and the newest",
         shell.all(f"migratectl {given} restore wiki "),
         ["20251122T091738Z-00000000", ID, "latest"])
    same(f"{name}: adopt offers all versions",
         shell.all(f"migratectl {given} adopt wiki "), ["1.30", "2.40", "2.41~rc1"])
    same(f"{name}: history offers all services", shell.all(f"migratectl {given} history "), ["mail", "nasty", "wiki"])
    for typed in ("status x", "status y", "status z", "status '$", "restore wiki x", "adopt nasty ", "plan nasty --from="):
        shell.line(f"migratectl {given} {typed}")
    report(not shell.mark.exists(), f"{name}: completion runs no command that is in the name of a file or in a version")
    text = subprocess.run([MIGRATECTL, "--help"], capture_output=True, text=True, check=True).stdout
    verbs = re.findall(r"^  ([a-z]+)\b", text.split("Commands:")[1].split("Options:")[0], re.M)
    same(f"{name}: completion offers all commands", shell.all("migratectl "), sorted(verbs))
    options = set(re.findall(r"--[a-z-]+", "\n".join(
        line[:24] for line in text.split("Options:")[1].split("Exit status")[0].splitlines())))
    got = {option.rstrip("=") for option in shell.all("migratectl --") if option.startswith("--")}
    same(f"{name}: completion offers all options", sorted(got), sorted(options))
    report(not shell.called.exists(), f"{name}: no completion calls migratectl")


def check_descriptions():
    """zsh describes commands and options in the words of --help."""
    text = subprocess.run([MIGRATECTL, "--help"], capture_output=True, text=True, check=True).stdout
    rows = re.findall(r"^  (?:([a-z]+)|(?:  |-.) (--[a-z-]+))\S*.*?  +(\S.*(?:\n {27}\S.*)*)", text, re.M)
    wanted = {verb or option: re.sub(r"\s+", " ", said)[0].lower() + re.sub(r"\s+", " ", said)[1:] for verb, option, said in rows}
    zsh = (COMPLETIONS / "_migratectl").read_text()
    got = dict(re.findall(r"^        '([a-z]+):(.*)'$", zsh, re.M))
    got |= {option: said.replace("\\:", ":") for option, said in re.findall(r"(--[a-z-]+)(?:=?}'|=)?\[([^]]*)\]", zsh)}
    same("zsh: commands and options are described in the words of --help", got, wanted)


def check_silent(directory, arguments, setup, name, root):
    """As a user who cannot read the store."""
    anybody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    store = root / "var/lib/migrate"
    store.chmod(0)
    if subprocess.run(anybody + ["test", "-r", COMPLETIONS / "_migratectl"]).returncode:
        skip(f"{name}: completion offers no id if the store cannot be read", "only root can read the checkout")
    else:
        shell = Shell(directory, anybody + arguments, setup)
        typed = f"migratectl --root={root} restore wiki 2026"
        same(f"{name}: completion offers no id if the store cannot be read", shell.line(typed), typed)
        report("denied" not in shell.seen, f"{name}: completion prints no error if the store cannot be read", shell.seen)
        same(f"{name}: completion offers services if the store cannot be read",
             shell.all(f"migratectl --root={root} start "), ["mail", "nasty", "wiki"])
        shell.end()
    store.chmod(0o755)


def main():
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        root = make_root(directory)
        check_descriptions()
        if BASH_COMPLETION.exists():
            shell = Shell(directory, ["bash", "--norc", "--noprofile", "-i"], BASH)
            check(directory, shell, "bash", root)
            shell.end()
            check_silent(directory, ["bash", "--norc", "--noprofile", "-i"], BASH, "bash", root)
        else:
            skip("bash: TAB completes", "bash-completion is not installed")
        if shutil.which("zsh"):
            shell = Shell(directory, ["zsh", "-f", "-i"], ZSH)
            check(directory, shell, "zsh", root)
            shell.end()
            check_silent(directory, ["zsh", "-f", "-i"], ZSH, "zsh", root)
        else:
            skip("zsh: TAB completes", "zsh is not installed")
    return finish()


if __name__ == "__main__":
    sys.exit(main())
