/* SPDX-License-Identifier: MIT */
/* What stamps say together. Pure. */
#pragma once

#include "judge/facts.h"

typedef enum Agreement {
    AGREEMENT_NONE,    /* there is no stamp anywhere */
    AGREEMENT_VERSION, /* every directory has the same, which is a version */
    AGREEMENT_SELF,    /* the same, which is FROM::TO */
    AGREEMENT_BETWEEN, /* one is FROM:TO, which only a transaction can tell about */
    AGREEMENT_MOVED,   /* the service's own agree, but not where it lives with another service */
    AGREEMENT_LEFT,    /* its own directories hold nothing, but a part elsewhere has a stamp */
    AGREEMENT_BROKEN,  /* anything else */
} Agreement;

/* *ret_directory: which one it is, of AGREEMENT_BETWEEN, _MOVED and _LEFT; *ret_stamp: the stamp,
 * of AGREEMENT_VERSION, _SELF and _BETWEEN. Both borrowed. */
Agreement stamps_agree(const StateDirectory *directories, size_t n,
                       const StateDirectory **ret_directory, const char **ret_stamp);

/* "/var/lib/app is at 1, /srv/app has no stamp"; the caller owns it, NULL: out of memory. */
char *directories_describe(const StateDirectory *directories, size_t n) _must_check_;
