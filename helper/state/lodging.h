/* SPDX-License-Identifier: MIT */
/* Finds, locks and writes host stamps. A lodging is the directory with the guest's stamp in the
 * state of a host (Within=): the host's first directory, or the host's store if its own stamps are
 * there. The guest never swaps a host stamp: the stamp says FROM:TO during the guest's transaction,
 * and moves together with the host's data. */
#pragma once

#include "place/place.h"

typedef struct Lodging {
    char *host;    /* name of the host */
    char *path;    /* path of the directory, or of the store */
    Store store;   /* store of the host */
    int lock_fd;   /* lock against transactions of the host; -1: not locked */
    Place place;   /* the host's directory, unless in_store */
    int fd;        /* directory of the stamp, borrowed from place or store; -1: missing */
    bool in_store; /* the stamp is in the store */
} Lodging;

#define LODGING_NONE                                                                               \
    {                                                                                              \
        .store = STORE_NONE, .lock_fd = -1, .place = PLACE_NONE, .fd = -1                          \
    }

enum {
    LODGING_FOUND = 0,
    LODGING_REFUSED = 1, /* the host's directory cannot be used; see reterr_what */
    LODGING_BUSY = 2,    /* a transaction of the host is in flight; see reterr_what */
};

/* Finds the directory of a host stamp, and locks the host's state against its transactions until
 * lodging_unlock(); waits a little for the lock. path: the directory of the host's first stamp.
 * create: make a missing store of the host. Returns LODGING_FOUND (also if the directory is
 * missing), LODGING_REFUSED or LODGING_BUSY (both with *reterr_what, owned by the caller), or a
 * negative errno. The caller calls lodgings_free() in any case. */
int lodging_open(const char *host, const char *path, bool create, Lodging *ret,
                 char **reterr_what) _must_check_;
/* Unlocks the host's state. The caller writes no host stamp afterwards. */
void lodging_unlock(Lodging *lodging);

/* Makes version the only host stamp of name, durably. With between, only if all stamps of name are
 * version or between: another stamp belongs to other data that was brought back into the host. 0, 1
 * if the stamp was left as it is, or a negative errno. */
int lodging_stamp(const Lodging *lodging, const char *name, const char *version,
                  const char *between) _must_check_;

/* Fills in the host stamps of a transaction record. 0 or -ENOMEM. */
int lodgings_record(const Lodging *lodgings, size_t n, TransactionRecord *record) _must_check_;
/* Opens the host stamps of a transaction record. *ret has the lodgings that were opened, even after
 * errors; the caller frees *ret. 0; -EBADMSG: the record is damaged; -EBUSY: the host is busy;
 * -EPERM: refused; or another negative errno. *reterr_what, owned by the caller, may say more. */
int lodgings_open_again(const HostStampRecord *records, size_t n, Lodging **ret, size_t *ret_n,
                        char **reterr_what) _must_check_;
void lodgings_free(Lodging *lodgings, size_t n);

/* Takes the host's side of the lock: keeps guests away during a transaction of this service. The
 * transaction record has to be on disk. Waits a little. 0 and *ret_fd (-1: there never was a
 * guest), 1 if a guest has the lock, or a negative errno. */
int lodging_keep_out(const Store *store, int *ret_fd) _must_check_;
