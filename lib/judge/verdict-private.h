/* SPDX-License-Identifier: MIT */
/* Shared by the files that decide: verdict.c, and verdict-stamps.c for the version of the state. */
#pragma once

#include "judge/verdict.h"

static inline int conclude(Verdict *v, Outcome outcome)
{
    v->outcome = outcome;
    return 0;
}

static inline int conclude_at(Verdict *v, Outcome outcome, const StateDirectory *directory)
{
    v->directory = directory;
    return conclude(v, outcome);
}

static inline int conclude_text(Verdict *v, Outcome outcome, const char *text, int error)
{
    v->text = text;
    v->error = error;
    return conclude(v, outcome);
}

static inline int conclude_answer(Verdict *v, Outcome outcome, const Answer *answer)
{
    return answer->interrupted ? conclude(v, OUTCOME_STOPPED)
                               : conclude_text(v, outcome, answer->text, 0);
}

static inline const StateDirectory *find_missing(const Facts *facts)
{
    for (size_t i = 0; i < facts->n_directories; i++)
        if (!facts->directories[i].host && facts->directories[i].error == -ENOENT)
            return facts->directories + i;
    return NULL;
}

/* Each decides the rest from there on. 0 or -ENOMEM. */
int verdict_stamps(const Facts *facts, Verdict *v) _must_check_;
int verdict_version(const Facts *facts, Verdict *v) _must_check_;
int verdict_route(const Facts *facts, Verdict *v) _must_check_;
int verdict_init(const Facts *facts, Verdict *v) _must_check_;
/* Returns 1 if the state is in use, or that is not known yet: the verdict is then final. Else 0. */
int verdict_in_use(const Facts *facts, Verdict *v) _must_check_;
/* 0 or -ENOMEM. */
int verdict_take_version(Verdict *v, const char *version, bool assumed) _must_check_;
