/* SPDX-License-Identifier: MIT */
/* What the tests of the sandbox share: a state with its clone, and a run with its output. */
#pragma once

#include "sandbox/sandbox.h"

extern char *base;             /* a directory of the test's own, below /var/lib */
extern char *state, *clone_at; /* in it: the state's usual path, and the clone shown there; both
                                  have "file" (saying which it is) and "probe" (this program) */
extern String printed;         /* what the last script printed, a line each */
extern char *what;             /* why it never ran */
extern int status;
extern double seconds; /* how long it took */

/* A mount namespace for the test, shared within as systemd has it: what the sandbox let out would
 * be seen in it. */
void fixture_unshare(void);
/* Makes base with state, clone, "neighbour/file" and "hidden/file". */
void fixture_make(void);
void fixture_remove(void);

/* DIRECTORY/NAME, valid for the next 255 calls. */
const char *in(const char *directory, const char *name);
void write_file(const char *path, const char *text);
bool exists(const char *path);
/* Whether the last script printed that. */
bool said(const char *text);
/* What it printed, or why it never ran, on one line. */
const char *detail(void);

/* sandbox_run() with the clone at the state's path, as root, unless s says otherwise. */
int run_argv(Sandbox *s, char *const *argv, char **text);
/* Runs shell code; the rest are fields of Sandbox. */
#define SHELL(code, ...)                                                                           \
    run_argv(&(Sandbox){__VA_ARGS__}, (char *[]){"/bin/sh", "-c", (char *)(code), NULL}, NULL)
