/* SPDX-License-Identifier: MIT */
/* Which version is the state at? Stamps say it; at first contact, when there are none, scripts do.
 */
#pragma once

#include "transaction/transaction.h"

typedef enum Contact {
    CONTACT_KNOWN = 0, /* every place has the same stamp: ret_version */
    CONTACT_DETECTED,  /* no place has a stamp; Detect= or Unversioned= says ret_version */
    CONTACT_SELF,  /* the software migrates the state itself, and has yet to start: ret_version is
                      the  stamp, FROM::TO; reterr_what is set where this declaration's is not the
                      one
                    */
    CONTACT_FRESH, /* there is no state yet */
    CONTACT_DISAGREE, /* there are stamps, but not the same one everywhere: reterr_what, as below */
    CONTACT_REFUSED,  /* it cannot be told: reterr_what says what was found and what to do */
} Contact;

/* Where stamps are: in each directory, or one for all in the store; and in each lodging. */
size_t contact_n_stamps(const Run *run);
int contact_stamp_fd(const Run *run, size_t i); /* borrowed; -1: the directory is missing */

/* The state is at version, by all stamps: do all of them have a link for the declared one, as newer
 * software has left where this one may run on its state (ReadableBy=)? 1, 0 or a negative errno. */
int contact_readable(const Run *run) _must_check_;

/* Writes the links of ReadableBy= that are missing to the stamps of the live state, and removes
 * those that are not declared any more. 0 or a negative errno. */
int contact_link(const Run *run, const char *version) _must_check_;

/* Looks at the places of a run. Writes nothing. A Contact or a negative errno; ret_version is the
 * caller's. */
int contact_find(const Run *run, char **ret_version, char **reterr_what) _must_check_;

/* By looking alone, without a script: CONTACT_KNOWN, CONTACT_SELF, CONTACT_DISAGREE, CONTACT_FRESH
 * where there is nothing, CONTACT_DETECTED where there is data without any stamp (with no version),
 * or a negative errno. */
int contact_look(const Run *run, char **ret_version, char **reterr_what) _must_check_;

/* The same by stamps alone: CONTACT_KNOWN, CONTACT_SELF, CONTACT_DISAGREE (also where there is
 * none) or a negative errno. */
int contact_read_stamps(const Run *run, char **ret_version, char **reterr_what) _must_check_;
/* The same without those in lodgings. */
int contact_read_own_stamps(const Run *run, char **ret_version, char **reterr_what) _must_check_;

/* Logs why the version of the state cannot be told, and returns the Result. r: a Contact or a
 * negative errno. */
int refuse_contact(const Run *run, int r, const char *what);
