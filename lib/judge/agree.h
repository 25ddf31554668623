/* SPDX-License-Identifier: MIT */
/* Compares the stamps of all directories of a state. Pure. */
#pragma once

#include "judge/facts.h"

typedef enum Agreement {
    AGREEMENT_NONE,    /* no directory has a stamp */
    AGREEMENT_VERSION, /* all stamps are the same version */
    AGREEMENT_SELF,    /* all stamps are the same FROM::TO */
    AGREEMENT_BETWEEN, /* one stamp is FROM:TO: a transaction is or was in flight */
    AGREEMENT_MOVED,   /* the service's own directories agree, a host stamp differs */
    AGREEMENT_LEFT,    /* the service's own directories are empty, a host has a stamp */
    AGREEMENT_BROKEN,  /* the stamps differ in another way */
} Agreement;

/* Compares the stamps of n directories. *ret_directory: the directory that AGREEMENT_BETWEEN,
 * _MOVED and _LEFT are about. *ret_stamp: the stamp of AGREEMENT_VERSION, _SELF and _BETWEEN. Both
 * are borrowed. */
Agreement stamps_agree(const StateDirectory *directories, size_t n,
                       const StateDirectory **ret_directory, const char **ret_stamp);

/* Describes the stamps: "/var/lib/app is at 1, /srv/app has no stamp". The caller owns the text;
 * NULL: out of memory. */
char *directories_describe(const StateDirectory *directories, size_t n) _must_check_;
