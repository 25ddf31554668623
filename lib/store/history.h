/* SPDX-License-Identifier: MIT */
/* The history, as far as it is known. */
#pragma once

#include "store/store.h"

/* As history_read(), with what a full disk has kept from being appended: the manifest of each
 * backup whose transaction is not told of, at its place in time. A manifest that is damaged tells
 * nothing. 0 or a negative errno. */
int history_complete(const Store *store, json_object **ret) _must_check_;
