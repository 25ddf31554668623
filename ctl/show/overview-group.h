/* SPDX-License-Identifier: MIT */
/* Sorts services into the groups of the overview, by the urgency of their next action. */
#pragma once

#include "look/service.h"
#include "terminal/output.h"

typedef enum Group {
    GROUP_RUNNING,
    GROUP_HALF_DONE,
    GROUP_FAILED,
    GROUP_REFUSED,
    GROUP_WAITING,
    GROUP_DEFERRED,
    GROUP_PENDING,
    GROUP_UNSEEN,
    GROUP_NONE, /* nothing to do */
} Group;

Group group_of(const Service *service);
/* Returns the heading of a group, without a colon. */
const char *group_title(Group group);
Colour group_colour(Group group);
