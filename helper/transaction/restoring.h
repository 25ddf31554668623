/* SPDX-License-Identifier: MIT */
/* A backup as what a swap expects: the steps of a restore that recovery repeats. */
#pragma once

#include "transaction/flight.h"

/* The backup of that id becomes what the swap of the flight expects: 0 or a negative errno, with
 * reterr_what where there is more to say. */
int restore_bring(Flight *flight, const char *backup, char **reterr_what) _must_check_;
/* Before anything was exchanged: the backup is what it was, where it was, and nothing is in flight
 * any more. The same. */
int restore_put_back(Flight *flight, const char *backup, char **reterr_what) _must_check_;

/* After the swap, once the record says that: removes the empty directories that the state was
 * exchanged with. Repeatable. 0 or a negative errno. */
int restore_drop_emptied(const Flight *flight) _must_check_;

/* Of a transaction in phase "restoring": where anything was exchanged, finishes it forwards; else
 * the backup goes back to its place. Removes nothing but the record. Repeatable at every point. 0
 * or a negative errno, with reterr_what where there is more to say. */
int restore_settle(Flight *flight, char **reterr_what) _must_check_;

/* After the swap: concludes the transaction, whose record goes on saying "restoring" until it is
 * gone. Repeatable. 0 or a negative errno. */
int restore_conclude(Flight *flight) _must_check_;
