/* SPDX-License-Identifier: MIT */
/* Reads the lineage of a state, for tests. */
#pragma once

#include "wayback/wayback.h"

static inline int lineage_read(const Store *store, const char *version, Lineage *ret)
{
    _cleanup_(history_free) History history = {};
    int r = history_complete(store, &history);

    return r < 0 ? r : lineage_find(&history, NULL, version, ret);
}
