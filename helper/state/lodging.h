/* SPDX-License-Identifier: MIT */
/* Where a part of the state lives in that of another service, its host (Within=): there is a stamp
 * of ours in the host's primary directory, or in its store where its own are there. We never swap
 * it: it says FROM:TO from before the first exchange, or the first script that acts outside, until
 * after the last; and it travels with the host's data, to which it belongs. */
#pragma once

#include "place/place.h"

typedef struct Lodging {
    char *host;    /* its NAME */
    char *path;    /* the directory, or the store */
    Store store;   /* the host's */
    int lock_fd;   /* keeps the host's transactions away; -1: not locked */
    Place place;   /* of the directory */
    int fd;        /* where the stamp is, one of these two; -1: the directory is missing */
    bool in_store; /* which */
} Lodging;

#define LODGING_NONE                                                                               \
    {                                                                                              \
        .store = STORE_NONE, .lock_fd = -1, .place = PLACE_NONE, .fd = -1                          \
    }

enum {
    LODGING_FOUND = 0,
    LODGING_REFUSED = 1, /* the host's directory cannot be believed: reterr_what */
    LODGING_BUSY = 2,    /* a transaction of the host is under way, or was cut off: reterr_what */
};

/* Finds the place, and keeps transactions of the host away from it as long as it is open. Waits for
 * them a little. LODGING_FOUND (also where the directory is missing), LODGING_REFUSED,
 * LODGING_BUSY, or a negative errno. lodgings_free() in every case. path is as declarations say:
 * the host's first stamp is there. */
int lodging_open(const char *host, const char *path, Lodging *ret, char **reterr_what) _must_check_;
/* The host may go on: nothing is written there any more. */
void lodging_unlock(Lodging *lodging);

/* Makes version the only stamp of name there, durably; with between (or NULL) only where what is
 * there is that or version already: anything else came with other data of the host, of which it
 * says what it is. 0, 1 (it was left), or a negative errno. */
int lodging_stamp(const Lodging *lodging, const char *name, const char *version,
                  const char *between) _must_check_;

/* Fills in the host stamps of a record. 0 or -ENOMEM. */
int lodgings_record(const Lodging *lodgings, size_t n, TransactionRecord *record) _must_check_;
/* Opens what a record names. 0, -EBADMSG, -EBUSY, -EPERM, or another negative errno; reterr_what
 * may then say more. What was opened is in *ret, the caller's in any case. */
int lodgings_open_again(const HostStampRecord *records, size_t n, Lodging **ret, size_t *ret_n,
                        char **reterr_what) _must_check_;
void lodgings_free(Lodging *lodgings, size_t n);

/* The other side: keeps guests out while a transaction of the service whose store this is goes on.
 * Its record has to be on disk. Waits a little. 0 and *ret_fd (-1: nobody ever came), 1 (a guest is
 * at work), or a negative errno. */
int lodging_keep_out(const Store *store, int *ret_fd) _must_check_;
