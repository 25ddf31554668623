/* SPDX-License-Identifier: MIT */
/* What condition.c, condition-stamps.c, condition-former.c and condition-plan.c say to each other.
 */
#pragma once

#include "look/service.h"

/* Takes over what and next; NULL next: nothing to type. Returns 0. */
int service_conclude(Service *service, Condition condition, char *what, char *next);

/* A command, as it has to be typed for the root that was looked at; NULL where it does not work on
 * a system that is not running. */
char *service_type(const Service *service, const char *verb, const char *more);

/* Will the helper not try the plan again by itself? Says why; NULL: it will. The caller's. */
char *service_describe_failure(const Service *service) _must_check_;

/* Which version has the state? 1: service->version; 0: concluded; or a negative errno. */
int service_judge_stamps(Service *service) _must_check_;

/* No stamp is where it should be: is the state still, or again, under another name or in another
 * directory, from where the next start takes it? 1: no; 0: concluded; or -ENOMEM. */
int service_judge_former(Service *service) _must_check_;

/* The version is known, and no other condition stands against it. from as for service_look(). 0 or
 * a negative errno. */
int service_judge_plan(Service *service, const char *from) _must_check_;
