/* SPDX-License-Identifier: MIT */
/* What a service's condition asks of somebody, worst first. */
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
    GROUP_NONE, /* nothing is to be done */
} Group;

Group group_of(const Service *service);
/* What stands above them, without a colon. */
const char *group_title(Group group);
Colour group_colour(Group group);
