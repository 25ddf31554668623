/* SPDX-License-Identifier: MIT */
/* Sorts services into the groups of the overview. */
#include "show/overview-group.h"

static const struct {
    const char *title;
    Colour colour;
} titles[] = {
    [GROUP_RUNNING] = {"Running now", COLOUR_YELLOW},
    [GROUP_HALF_DONE] = {"Half done, recovered at the next start", COLOUR_RED},
    [GROUP_FAILED] = {"Failed, not tried again by itself", COLOUR_RED},
    [GROUP_REFUSED] = {"Refused, the service stays down", COLOUR_RED},
    [GROUP_WAITING] = {"Waiting for you", COLOUR_YELLOW},
    [GROUP_DEFERRED] = {"Deferred", COLOUR_YELLOW},
    [GROUP_PENDING] = {"Pending, migrated when the service starts", COLOUR_YELLOW},
    [GROUP_UNSEEN] = {"Not to be read by you", COLOUR_YELLOW},
};

const char *group_title(Group group)
{
    return titles[group].title;
}

Colour group_colour(Group group)
{
    return titles[group].colour;
}

Group group_of(const Service *service)
{
    switch (service->condition) {
    case CONDITION_IN_FLIGHT:
        return service->verdict.outcome == OUTCOME_RUNNING ? GROUP_RUNNING : GROUP_HALF_DONE;
    case CONDITION_FAILED:
        return GROUP_FAILED;
    case CONDITION_APPROVAL:
        return GROUP_WAITING;
    case CONDITION_DEFERRED:
        return GROUP_DEFERRED;
    case CONDITION_PENDING:
    case CONDITION_UNSTAMPED:
        return service->facts.manual || service->declaration->policy == POLICY_MANUAL
                   ? GROUP_WAITING
                   : GROUP_PENDING;
    case CONDITION_SELF:
        return GROUP_PENDING;
    case CONDITION_UNREADABLE:
        return GROUP_UNSEEN;
    default:
        return condition_waits_for_operator(service->condition) ? GROUP_REFUSED
               : service->reload                                ? GROUP_WAITING
                                                                : GROUP_NONE;
    }
}
