/* SPDX-License-Identifier: MIT */
/* The names, conditions, results and messages of outcomes. */
#include "judge/outcome.h"

#include "basic/util.h"
#include "system/message-id.h"

static const struct {
    const char *name;
    Condition condition;
    Result result;
    Next next;
} outcomes[OUTCOMES] = {
    [OUTCOME_CURRENT] = {"current", CONDITION_CURRENT, RESULT_DONE, NEXT_NOTHING},
    [OUTCOME_ACCEPTED] = {"accepted", CONDITION_ACCEPTED, RESULT_DONE, NEXT_MIGRATE},
    [OUTCOME_ACCEPTED_STUCK] = {"accepted-stuck", CONDITION_ACCEPTED, RESULT_DONE, NEXT_NOTHING},
    [OUTCOME_ACCEPTED_FAILED] = {"accepted-failed", CONDITION_ACCEPTED, RESULT_DONE, NEXT_RETRY},
    [OUTCOME_READABLE] = {"readable", CONDITION_ACCEPTED, RESULT_DONE, NEXT_NOTHING},
    [OUTCOME_SELF] = {"self-migrating", CONDITION_SELF, RESULT_DONE, NEXT_REST},
    [OUTCOME_SELF_BEGUN] = {"self-begun", CONDITION_SELF, RESULT_DONE, NEXT_REST},
    [OUTCOME_SELF_UP] = {"self-migrated", CONDITION_SELF, RESULT_DONE, NEXT_NOTHING},
    [OUTCOME_FRESH] = {"fresh", CONDITION_FRESH, RESULT_DONE, NEXT_REST},
    [OUTCOME_HOST_LATER] = {"host-later", CONDITION_FRESH, RESULT_DONE, NEXT_NOTHING},
    [OUTCOME_INERT] = {"inert", CONDITION_INERT, RESULT_DONE, NEXT_ENABLE},

    [OUTCOME_PENDING] = {"pending", CONDITION_PENDING, RESULT_DONE, NEXT_START},
    [OUTCOME_ASSUMED] = {"assumed", CONDITION_PENDING, RESULT_DONE, NEXT_START},
    [OUTCOME_MANUAL] = {"manual", CONDITION_PENDING, RESULT_DONE, NEXT_START},
    [OUTCOME_MANUAL_BOOT] = {"manual-boot", CONDITION_PENDING, RESULT_DONE, NEXT_START},
    [OUTCOME_INIT] = {"init", CONDITION_FRESH, RESULT_DONE, NEXT_START},
    [OUTCOME_RECORDED] = {"recorded", CONDITION_CURRENT, RESULT_DONE, NEXT_START},
    [OUTCOME_RECORDED_OLDER] = {"recorded-older", CONDITION_ACCEPTED, RESULT_DONE, NEXT_START},
    [OUTCOME_SPELLING] = {"spelling", CONDITION_PENDING, RESULT_DONE, NEXT_START},
    [OUTCOME_UNDONE] = {"undone", CONDITION_PENDING, RESULT_DONE, NEXT_START},
    [OUTCOME_REDONE] = {"redone", CONDITION_PENDING, RESULT_DONE, NEXT_START},
    [OUTCOME_RESTORED] = {"restored", CONDITION_PENDING, RESULT_DONE, NEXT_START},
    [OUTCOME_ASKS_FRESH] = {"asks-fresh", CONDITION_UNSTAMPED, RESULT_DONE, NEXT_START},
    [OUTCOME_ASKS_VERSION] = {"asks-version", CONDITION_UNSTAMPED, RESULT_DONE, NEXT_START},
    [OUTCOME_TAKEN_NAME] = {"taken-name", CONDITION_PENDING, RESULT_DONE, NEXT_START},
    [OUTCOME_TAKEN_BACK] = {"taken-back", CONDITION_PENDING, RESULT_DONE, NEXT_START},
    [OUTCOME_TAKEN_FROM] = {"taken-from", CONDITION_PENDING, RESULT_DONE, NEXT_START},
    [OUTCOME_MOVING] = {"moving", CONDITION_PENDING, RESULT_DONE, NEXT_RECOVER},

    [OUTCOME_RUNNING] = {"running", CONDITION_IN_FLIGHT, RESULT_BUSY, NEXT_MIGRATE},
    [OUTCOME_CUT_OFF] = {"cut-off", CONDITION_IN_FLIGHT, RESULT_DONE, NEXT_START},
    [OUTCOME_ATTENTION] = {"attention", CONDITION_IN_FLIGHT, RESULT_ATTENTION, NEXT_RECOVER},

    [OUTCOME_APPROVAL] = {"approval", CONDITION_APPROVAL, RESULT_APPROVAL, NEXT_APPROVE},
    [OUTCOME_APPROVAL_RESTORE] = {"approval-restore", CONDITION_APPROVAL, RESULT_APPROVAL,
                                  NEXT_APPROVE},
    [OUTCOME_FAILED] = {"failed", CONDITION_FAILED, RESULT_FAILED, NEXT_RETRY},
    [OUTCOME_FAILED_INIT] = {"failed-init", CONDITION_FAILED, RESULT_FAILED, NEXT_RETRY},
    [OUTCOME_INTERRUPTED] = {"interrupted", CONDITION_FAILED, RESULT_FAILED, NEXT_RETRY},
    [OUTCOME_DEFERRED] = {"deferred", CONDITION_DEFERRED, RESULT_DEFERRED, NEXT_RESUME},
    [OUTCOME_MASKED] = {"masked", CONDITION_DEFERRED, RESULT_DEFERRED, NEXT_UNMASK},
    [OUTCOME_OFF] = {"off", CONDITION_DEFERRED, RESULT_DEFERRED, NEXT_NOTHING},

    [OUTCOME_INVALID] = {"invalid", CONDITION_INVALID, RESULT_INVALID, NEXT_CHECK},
    [OUTCOME_GAP] = {"gap", CONDITION_GAP, RESULT_REFUSED, NEXT_PLAN},
    [OUTCOME_SKIP] = {"skip", CONDITION_SKIP, RESULT_REFUSED, NEXT_PLAN},
    [OUTCOME_NEWER] = {"newer", CONDITION_NEWER, RESULT_REFUSED, NEXT_RESTORE},
    [OUTCOME_SELF_OTHER] = {"self-other", CONDITION_DISAGREE, RESULT_REFUSED, NEXT_GO_BACK},
    [OUTCOME_BETWEEN] = {"between", CONDITION_DISAGREE, RESULT_ATTENTION, NEXT_BACKUPS},
    [OUTCOME_MOVED_HOST] = {"moved-host", CONDITION_DISAGREE, RESULT_ATTENTION, NEXT_HOST_BACKUPS},
    [OUTCOME_LEFT_HOST] = {"left-host", CONDITION_DISAGREE, RESULT_ATTENTION, NEXT_BACKUPS},
    [OUTCOME_DISAGREE] = {"disagree", CONDITION_DISAGREE, RESULT_ATTENTION, NEXT_BACKUPS},
    [OUTCOME_UNKNOWN] = {"unknown", CONDITION_UNKNOWN, RESULT_REFUSED, NEXT_ADOPT},
    [OUTCOME_UNKNOWN_NOW] = {"unknown-now", CONDITION_UNKNOWN, RESULT_REFUSED, NEXT_ADOPT},
    [OUTCOME_UNLINKED] = {"unlinked", CONDITION_MISSING, RESULT_REFUSED, NEXT_LINK},
    [OUTCOME_OTHER_STAMP] = {"other-stamp", CONDITION_UNKNOWN, RESULT_REFUSED, NEXT_ADOPT},
    [OUTCOME_GUESTS] = {"guests", CONDITION_UNKNOWN, RESULT_REFUSED, NEXT_BACKUPS},
    [OUTCOME_MISSING] = {"missing", CONDITION_MISSING, RESULT_REFUSED, NEXT_BACKUPS},
    [OUTCOME_MISSING_ONE] = {"missing-one", CONDITION_MISSING, RESULT_REFUSED, NEXT_START},
    [OUTCOME_HOST_UNREADY] = {"host-unready", CONDITION_REFUSED, RESULT_REFUSED, NEXT_HOST},
    [OUTCOME_HOST_BUSY] = {"host-busy", CONDITION_REFUSED, RESULT_BUSY, NEXT_HOST},
    [OUTCOME_HOST_REFUSED] = {"host-refused", CONDITION_REFUSED, RESULT_REFUSED, NEXT_START},
    [OUTCOME_DIRECTORY_REFUSED] = {"directory-refused", CONDITION_REFUSED, RESULT_REFUSED,
                                   NEXT_RELOAD},
    [OUTCOME_UNREADABLE] = {"unreadable", CONDITION_UNREADABLE, RESULT_FAILED, NEXT_ROOT},
    [OUTCOME_STORE_FOREIGN] = {"store-foreign", CONDITION_UNREADABLE, RESULT_FAILED, NEXT_START},
    [OUTCOME_STORE_UNREADABLE] = {"store-unreadable", CONDITION_UNREADABLE, RESULT_FAILED,
                                  NEXT_START},
    [OUTCOME_RECORD_UNREADABLE] = {"record-unreadable", CONDITION_UNREADABLE, RESULT_FAILED,
                                   NEXT_START},
    [OUTCOME_KEPT_UNREADABLE] = {"kept-unreadable", CONDITION_UNREADABLE, RESULT_FAILED,
                                 NEXT_START},
    [OUTCOME_OWNER] = {"owner", CONDITION_REFUSED, RESULT_REFUSED, NEXT_OWN},
    [OUTCOME_COMMAND] = {"command", CONDITION_REFUSED, RESULT_REFUSED, NEXT_START},
    [OUTCOME_FORMER_BESIDE] = {"former-beside", CONDITION_UNKNOWN, RESULT_REFUSED, NEXT_NOTHING},
    [OUTCOME_FORMER_NOW] = {"former-now", CONDITION_UNKNOWN, RESULT_REFUSED, NEXT_NOTHING},
    [OUTCOME_FORMER_LOST] = {"former-lost", CONDITION_UNKNOWN, RESULT_REFUSED, NEXT_NOTHING},
    [OUTCOME_FORMER_NAMES] = {"former-names", CONDITION_UNKNOWN, RESULT_REFUSED, NEXT_NOTHING},
    [OUTCOME_FORMER_BOTH] = {"former-both", CONDITION_UNKNOWN, RESULT_REFUSED, NEXT_NOTHING},
    [OUTCOME_FORMER_DECLARED] = {"former-declared", CONDITION_UNKNOWN, RESULT_REFUSED,
                                 NEXT_NOTHING},
    [OUTCOME_FORMER_PLACES] = {"former-places", CONDITION_UNKNOWN, RESULT_REFUSED, NEXT_NOTHING},
    [OUTCOME_FORMER_REFUSED] = {"former-refused", CONDITION_REFUSED, RESULT_REFUSED, NEXT_START},
    [OUTCOME_FORMER_UNREADABLE] = {"former-unreadable", CONDITION_UNREADABLE, RESULT_REFUSED,
                                   NEXT_ROOT},

    [OUTCOME_FRESH_UNKNOWN] = {"fresh-unknown", CONDITION_REFUSED, RESULT_REFUSED, NEXT_START},
    [OUTCOME_UNDETECTED] = {"undetected", CONDITION_REFUSED, RESULT_REFUSED, NEXT_START},
    [OUTCOME_CONTRADICTED] = {"contradicted", CONDITION_REFUSED, RESULT_REFUSED, NEXT_BACKUPS},
    [OUTCOME_NO_ROOM] = {"no-room", CONDITION_REFUSED, RESULT_FAILED, NEXT_START},
    [OUTCOME_IN_USE] = {"in-use", CONDITION_REFUSED, RESULT_BUSY, NEXT_START},
    [OUTCOME_CHECK_FAILED] = {"check-failed", CONDITION_REFUSED, RESULT_FAILED, NEXT_START},
    [OUTCOME_STOPPED] = {"stopped", CONDITION_REFUSED, RESULT_FAILED, NEXT_START},
    [OUTCOME_REFUSED] = {"refused", CONDITION_REFUSED, RESULT_REFUSED, NEXT_REFUSAL},
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
    static const char *const messages[] = {
        [RESULT_FAILED] = MESSAGE_FAILED,     [RESULT_ATTENTION] = MESSAGE_ATTENTION,
        [RESULT_APPROVAL] = MESSAGE_APPROVAL, [RESULT_DEFERRED] = MESSAGE_DEFERRED,
        [RESULT_REFUSED] = MESSAGE_REFUSED,   [RESULT_BUSY] = MESSAGE_BUSY,
        [RESULT_INVALID] = MESSAGE_INVALID,
    };

    return outcome == OUTCOME_STOPPED ? MESSAGE_INTERRUPTED : messages[outcomes[outcome].result];
}

Next outcome_next(Outcome outcome)
{
    return outcomes[outcome].next;
}

bool outcome_is_pending(Outcome outcome)
{
    return outcome >= OUTCOME_PENDING && outcome <= OUTCOME_MOVING;
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
    return condition >= CONDITION_APPROVAL && condition <= CONDITION_REFUSED;
}
