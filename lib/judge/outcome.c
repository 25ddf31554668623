/* SPDX-License-Identifier: MIT */
/* The names, conditions, results and messages of outcomes. */
#include "judge/outcome.h"

#include "basic/util.h"
#include "system/message-id.h"

static const struct {
    const char *name;
    Condition condition;
    Result result;
    const char *message;
    Next next;
    bool pending;
} outcomes[OUTCOMES] = {
    [OUTCOME_CURRENT] = {"current", CONDITION_CURRENT},
    [OUTCOME_ACCEPTED] = {"accepted", CONDITION_ACCEPTED, .next = NEXT_MIGRATE},
    [OUTCOME_ACCEPTED_STUCK] = {"accepted-stuck", CONDITION_ACCEPTED},
    [OUTCOME_ACCEPTED_FAILED] = {"accepted-failed", CONDITION_ACCEPTED, .next = NEXT_RETRY},
    [OUTCOME_READABLE] = {"readable", CONDITION_ACCEPTED},
    [OUTCOME_SELF] = {"self-migrating", CONDITION_SELF, .next = NEXT_REST},
    [OUTCOME_SELF_UP] = {"self-migrated", CONDITION_SELF},
    [OUTCOME_FRESH] = {"fresh", CONDITION_FRESH, .next = NEXT_REST},
    [OUTCOME_HOST_LATER] = {"host-later", CONDITION_FRESH},
    [OUTCOME_INERT] = {"inert", CONDITION_INERT, .next = NEXT_ENABLE},

#define PENDING(outcome_name, outcome_condition)                                                   \
    {                                                                                              \
        .name = outcome_name, .condition = outcome_condition, .next = NEXT_START, .pending = true  \
    }
    [OUTCOME_PENDING] = PENDING("pending", CONDITION_PENDING),
    [OUTCOME_ASSUMED] = PENDING("assumed", CONDITION_PENDING),
    [OUTCOME_MANUAL] = PENDING("manual", CONDITION_PENDING),
    [OUTCOME_MANUAL_BOOT] = PENDING("manual-boot", CONDITION_PENDING),
    [OUTCOME_INIT] = PENDING("init", CONDITION_FRESH),
    [OUTCOME_RECORDED] = PENDING("recorded", CONDITION_CURRENT),
    [OUTCOME_RECORDED_OLDER] = PENDING("recorded-older", CONDITION_ACCEPTED),
    [OUTCOME_SPELLING] = PENDING("spelling", CONDITION_PENDING),
    [OUTCOME_UNDONE] = PENDING("undone", CONDITION_PENDING),
    [OUTCOME_REDONE] = PENDING("redone", CONDITION_PENDING),
    [OUTCOME_RESTORED] = PENDING("restored", CONDITION_PENDING),
    [OUTCOME_ASKS_FRESH] = PENDING("asks-fresh", CONDITION_UNSTAMPED),
    [OUTCOME_ASKS_VERSION] = PENDING("asks-version", CONDITION_UNSTAMPED),
    [OUTCOME_TAKEN_NAME] = PENDING("taken-name", CONDITION_PENDING),
    [OUTCOME_TAKEN_BACK] = PENDING("taken-back", CONDITION_PENDING),
    [OUTCOME_TAKEN_FROM] = PENDING("taken-from", CONDITION_PENDING),
    [OUTCOME_MOVING] = {.name = "moving",
                        .condition = CONDITION_PENDING,
                        .next = NEXT_RECOVER,
                        .pending = true},
#undef PENDING

    [OUTCOME_RUNNING] = {"running", CONDITION_IN_FLIGHT, RESULT_BUSY, MESSAGE_BUSY, NEXT_MIGRATE},
    [OUTCOME_CUT_OFF] = {"cut-off", CONDITION_IN_FLIGHT, .next = NEXT_START},
    [OUTCOME_ATTENTION] = {"attention", CONDITION_IN_FLIGHT, RESULT_ATTENTION, MESSAGE_ATTENTION,
                           NEXT_RECOVER},

    [OUTCOME_APPROVAL] = {"approval", CONDITION_APPROVAL, RESULT_APPROVAL, MESSAGE_APPROVAL,
                          NEXT_APPROVE},
    [OUTCOME_APPROVAL_RESTORE] = {"approval-restore", CONDITION_APPROVAL, RESULT_APPROVAL,
                                  MESSAGE_APPROVAL, NEXT_APPROVE},
    [OUTCOME_FAILED] = {"failed", CONDITION_FAILED, RESULT_FAILED, MESSAGE_FAILED, NEXT_RETRY},
    [OUTCOME_FAILED_INIT] = {"failed-init", CONDITION_FAILED, RESULT_FAILED, MESSAGE_FAILED,
                             NEXT_RETRY},
    [OUTCOME_INTERRUPTED] = {"interrupted", CONDITION_FAILED, RESULT_FAILED, MESSAGE_FAILED,
                             NEXT_RETRY},
    [OUTCOME_DEFERRED] = {"deferred", CONDITION_DEFERRED, RESULT_DEFERRED, MESSAGE_DEFERRED,
                          NEXT_RESUME},
    [OUTCOME_MASKED] = {"masked", CONDITION_DEFERRED, RESULT_DEFERRED, MESSAGE_DEFERRED,
                        NEXT_UNMASK},
    [OUTCOME_OFF] = {"off", CONDITION_DEFERRED, RESULT_DEFERRED, MESSAGE_DEFERRED},

    [OUTCOME_INVALID] = {"invalid", CONDITION_INVALID, RESULT_INVALID, MESSAGE_INVALID, NEXT_CHECK},
#define REFUSED(name, condition, next)                                                             \
    {                                                                                              \
        name, condition, RESULT_REFUSED, MESSAGE_REFUSED, next                                     \
    }
#define FAILED(name, condition, next)                                                              \
    {                                                                                              \
        name, condition, RESULT_FAILED, MESSAGE_FAILED, next                                       \
    }
#define DISAGREE(name, next)                                                                       \
    {                                                                                              \
        name, CONDITION_DISAGREE, RESULT_ATTENTION, MESSAGE_ATTENTION, next                        \
    }
    [OUTCOME_GAP] = REFUSED("gap", CONDITION_GAP, NEXT_PLAN),
    [OUTCOME_SKIP] = REFUSED("skip", CONDITION_SKIP, NEXT_PLAN),
    [OUTCOME_NEWER] = REFUSED("newer", CONDITION_NEWER, NEXT_RESTORE),
    [OUTCOME_SELF_OTHER] = REFUSED("self-other", CONDITION_DISAGREE, NEXT_GO_BACK),
    [OUTCOME_BETWEEN] = DISAGREE("between", NEXT_BACKUPS),
    [OUTCOME_MOVED_HOST] = DISAGREE("moved-host", NEXT_HOST_BACKUPS),
    [OUTCOME_LEFT_HOST] = DISAGREE("left-host", NEXT_RESTORE),
    [OUTCOME_DISAGREE] = DISAGREE("disagree", NEXT_BACKUPS),
    [OUTCOME_UNKNOWN] = REFUSED("unknown", CONDITION_UNKNOWN, NEXT_ADOPT),
    [OUTCOME_UNKNOWN_NOW] = REFUSED("unknown-now", CONDITION_UNKNOWN, NEXT_ADOPT),
    [OUTCOME_UNLINKED] = REFUSED("unlinked", CONDITION_MISSING, NEXT_LINK),
    [OUTCOME_OTHER_STAMP] = REFUSED("other-stamp", CONDITION_UNKNOWN, NEXT_ADOPT),
    [OUTCOME_GUESTS] = REFUSED("guests", CONDITION_UNKNOWN, NEXT_RESTORE),
    [OUTCOME_MISSING] = REFUSED("missing", CONDITION_MISSING, NEXT_RESTORE),
    [OUTCOME_MISSING_ONE] = REFUSED("missing-one", CONDITION_MISSING, NEXT_START),
    [OUTCOME_HOST_UNREADY] = REFUSED("host-unready", CONDITION_REFUSED, NEXT_HOST),
    [OUTCOME_HOST_BUSY] = {"host-busy", CONDITION_REFUSED, RESULT_BUSY, MESSAGE_BUSY, NEXT_HOST},
    [OUTCOME_HOST_REFUSED] = REFUSED("host-refused", CONDITION_REFUSED, NEXT_START),
    [OUTCOME_DIRECTORY_REFUSED] = REFUSED("directory-refused", CONDITION_REFUSED, NEXT_RELOAD),
    [OUTCOME_UNREADABLE] = FAILED("unreadable", CONDITION_UNREADABLE, NEXT_ROOT),
    [OUTCOME_STORE_FOREIGN] = FAILED("store-foreign", CONDITION_UNREADABLE, NEXT_START),
    [OUTCOME_STORE_UNREADABLE] = FAILED("store-unreadable", CONDITION_UNREADABLE, NEXT_START),
    [OUTCOME_RECORD_UNREADABLE] = FAILED("record-unreadable", CONDITION_UNREADABLE, NEXT_START),
    [OUTCOME_KEPT_UNREADABLE] = FAILED("kept-unreadable", CONDITION_UNREADABLE, NEXT_START),
    [OUTCOME_EXCHANGEABLE] = REFUSED("exchangeable", CONDITION_REFUSED, NEXT_START),
    [OUTCOME_OWNER] = REFUSED("owner", CONDITION_REFUSED, NEXT_OWN),
    [OUTCOME_FORMER_BESIDE] = REFUSED("former-beside", CONDITION_UNKNOWN, NEXT_NOTHING),
    [OUTCOME_FORMER_NOW] = REFUSED("former-now", CONDITION_UNKNOWN, NEXT_NOTHING),
    [OUTCOME_FORMER_LOST] = REFUSED("former-lost", CONDITION_UNKNOWN, NEXT_NOTHING),
    [OUTCOME_FORMER_NAMES] = REFUSED("former-names", CONDITION_UNKNOWN, NEXT_NOTHING),
    [OUTCOME_FORMER_BOTH] = REFUSED("former-both", CONDITION_UNKNOWN, NEXT_NOTHING),
    [OUTCOME_FORMER_DECLARED] = REFUSED("former-declared", CONDITION_UNKNOWN, NEXT_NOTHING),
    [OUTCOME_FORMER_PLACES] = REFUSED("former-places", CONDITION_UNKNOWN, NEXT_NOTHING),
    [OUTCOME_FORMER_REFUSED] = REFUSED("former-refused", CONDITION_REFUSED, NEXT_START),
    [OUTCOME_FORMER_UNREADABLE] = REFUSED("former-unreadable", CONDITION_UNREADABLE, NEXT_ROOT),

    [OUTCOME_FRESH_UNKNOWN] = REFUSED("fresh-unknown", CONDITION_REFUSED, NEXT_START),
    [OUTCOME_UNDETECTED] = REFUSED("undetected", CONDITION_REFUSED, NEXT_START),
    [OUTCOME_CONTRADICTED] = REFUSED("contradicted", CONDITION_REFUSED, NEXT_BACKUPS),
    [OUTCOME_NO_ROOM] = FAILED("no-room", CONDITION_REFUSED, NEXT_START),
    [OUTCOME_IN_USE] = {"in-use", CONDITION_REFUSED, RESULT_BUSY, MESSAGE_BUSY, NEXT_START},
    [OUTCOME_CHECK_FAILED] = FAILED("check-failed", CONDITION_REFUSED, NEXT_START),
    [OUTCOME_STOPPED] = {"stopped", CONDITION_REFUSED, RESULT_FAILED, MESSAGE_INTERRUPTED,
                         NEXT_START},
    [OUTCOME_REFUSED] = REFUSED("refused", CONDITION_REFUSED, NEXT_REFUSAL),
#undef REFUSED
#undef FAILED
#undef DISAGREE
};

const char *outcome_name(Outcome outcome)
{
    return outcomes[outcome].name;
}

Outcome outcome_find(const char *name)
{
    for (Outcome outcome = 0; name && outcome < OUTCOMES; outcome++)
        if (streq(outcomes[outcome].name, name))
            return outcome;
    return OUTCOME_REFUSED;
}

Condition outcome_condition(Outcome outcome)
{
    return outcomes[outcome].condition;
}

Result outcome_result(Outcome outcome)
{
    return outcomes[outcome].result;
}

const char *outcome_message(Outcome outcome)
{
    return outcomes[outcome].message;
}

Next outcome_next(Outcome outcome)
{
    return outcomes[outcome].next;
}

bool outcome_is_pending(Outcome outcome)
{
    return outcomes[outcome].pending;
}

bool outcome_is_found_by_run(Outcome outcome)
{
    return outcome >= OUTCOME_FRESH_UNKNOWN && outcome < OUTCOME_STOPPED;
}

const char *condition_name(Condition condition)
{
    static const char *const names[] = {
        [CONDITION_CURRENT] = "current",
        [CONDITION_ACCEPTED] = "accepted",
        [CONDITION_SELF] = "self-migrating",
        [CONDITION_PENDING] = "pending",
        [CONDITION_FRESH] = "fresh",
        [CONDITION_UNSTAMPED] = "unstamped",
        [CONDITION_APPROVAL] = "approval",
        [CONDITION_FAILED] = "failed",
        [CONDITION_DEFERRED] = "deferred",
        [CONDITION_INVALID] = "invalid",
        [CONDITION_NEWER] = "newer",
        [CONDITION_GAP] = "gap",
        [CONDITION_SKIP] = "skip",
        [CONDITION_DISAGREE] = "disagree",
        [CONDITION_UNKNOWN] = "unknown",
        [CONDITION_MISSING] = "missing",
        [CONDITION_UNREADABLE] = "unreadable",
        [CONDITION_REFUSED] = "refused",
        [CONDITION_IN_FLIGHT] = "in-flight",
        [CONDITION_INERT] = "inert",
    };

    return names[condition];
}

bool condition_waits_for_operator(Condition condition)
{
    switch (condition) {
    case CONDITION_APPROVAL:
    case CONDITION_FAILED:
    case CONDITION_DEFERRED:
    case CONDITION_INVALID:
    case CONDITION_NEWER:
    case CONDITION_GAP:
    case CONDITION_SKIP:
    case CONDITION_DISAGREE:
    case CONDITION_UNKNOWN:
    case CONDITION_MISSING:
    case CONDITION_REFUSED:
        return true;
    default:
        return false;
    }
}
