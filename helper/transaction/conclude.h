/* SPDX-License-Identifier: MIT */
/* What is left to do once a transaction is committed. */
#pragma once

#include "transaction/flight.h"

/* After the last exchange, or in phase "concluding": makes it durable, stamps, leaves what is to be
 * done after the start, writes the history, forgets the transaction. Repeatable at every point. 0
 * or a negative errno. */
int conclude(Flight *flight) _must_check_;

/* Of a transaction in phase "recording": stamps every place with the record's "to", writes the
 * history, forgets the transaction. Repeatable at every point. 0 or a negative errno, with the
 * place that it speaks of in *ret_i. */
int conclude_recording(Flight *flight, size_t *ret_i) _must_check_;
