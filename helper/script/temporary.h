/* SPDX-License-Identifier: MIT */
/* The directory for the temporary files of one command, beside the clone. It is empty before the
 * command, and removed after it. A command that is cut off leaves it to the recovery, which removes
 * the transaction's directory with all that is in it. */
#pragma once

#include "place/place.h"

typedef struct Temporary {
    int parent_fd; /* borrowed */
    char *name;
    int fd; /* -1: temporary files are in memory */
} Temporary;

#define TEMPORARY_NONE                                                                             \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* Makes the directory in the transaction directory of place; makes none if place is NULL, has no
 * transaction directory, or is on a remote file system. Returns 0 or a negative errno. */
int temporary_make(const Place *place, Temporary *ret) _must_check_;
/* Removes the directory that a command has left that was cut off. Returns 0 or a negative errno. */
int temporary_sweep(const Place *place) _must_check_;
/* Removes the directory. fd stays open. Returns 0 or a negative errno. */
int temporary_remove(const Temporary *temporary) _must_check_;
void temporary_free(Temporary *temporary);
