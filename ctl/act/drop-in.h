/* SPDX-License-Identifier: MIT */
/* The drop-in that declares a version for a service: NAME.ini.d/50-version.ini in /etc/migrate.d.
 * systemd reads it only at the next reload. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"

#define DROP_IN "50-version.ini"

typedef struct DropIn {
    char *directory; /* of the drop-in */
    char *before;    /* the earlier text; NULL: there was no drop-in */
    bool written;
} DropIn;

/* Declares the version. Returns RESULT_DONE, or RESULT_FAILED after printing the reason. */
Result drop_in_write(DropIn *drop_in, const char *name, const char *version) _must_check_;
/* Puts the earlier text back, if drop_in_write() has replaced it. Prints only a failure. */
void drop_in_undo(DropIn *drop_in, const char *name);
void drop_in_free(DropIn *drop_in);
