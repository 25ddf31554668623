/* SPDX-License-Identifier: MIT */
/* For the tests of the sandbox: a state with its clone, and a run with its output. */
#pragma once

#include "sandbox/sandbox.h"

extern char *base;             /* a directory of the test's own, below /var/lib */
extern char *state, *clone_at; /* in it: the state's usual path, and the clone shown there; both
                                  have "file" (saying which it is) and "probe" (this program) */
extern String printed;         /* the lines that the last script has printed */
extern char *what;             /* the reason why the script could not run */
extern int status;
extern double seconds; /* how long it took */

/* A mount namespace for the test, with shared mounts as under systemd: a mount that leaves the
 * sandbox would show up in it. */
void fixture_unshare(void);
/* Makes base with state, clone, "neighbour/file" and "hidden/file". */
void fixture_make(void);
void fixture_remove(void);

/* DIRECTORY/NAME, valid for the next 255 calls. */
const char *in(const char *directory, const char *name);
void write_file(const char *path, const char *text);
bool exists(const char *path);
/* Whether the last script has printed the text. */
bool said(const char *text);
/* The output of the last script, or the reason why it could not run, on one line. */
const char *detail(void);

/* sandbox_run() with the clone at the path of the state, as root, unless s has other values. */
int run_argv(Sandbox *s, char *const *argv, char **text);
/* Runs shell code; the rest are fields of Sandbox. */
#define SHELL(code, ...)                                                                           \
    run_argv(&(Sandbox){__VA_ARGS__}, (char *[]){"/bin/sh", "-c", (char *)(code), NULL}, NULL)
