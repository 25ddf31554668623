/* SPDX-License-Identifier: MIT */
/* migratectl approve: shows the plan that waits, asks, and writes down that it was agreed to.
 * Starts nothing. */
#include "act/approve-hook.h"
#include "act/verbs.h"
#include "basic/result.h"
#include "declare/declaration.h"
#include "look/common.h"
#include "look/helper.h"
#include "look/reckon.h"
#include "show/consent-print.h"
#include "show/plan-print.h"
#include "terminal/ask.h"
#include "terminal/options.h"
#include "terminal/output.h"

/* For the time that a record takes to be written. RESULT_DONE, or why not, which is said. */
static int open_store(const char *name, bool create, Store *ret)
{
    int r = store_open(NULL, name, create, ret);

    if (r == 0)
        r = store_lock(ret);
    if (r == 1) {
        complain("%s: a migration is running: systemctl status migrate@%s", name, name);
        return RESULT_BUSY;
    }
    if (r < 0 && (r != -ENOENT || create))
        return refuse_store(name, r);
    return RESULT_DONE;
}

static int take_back(const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;
    int r = open_store(name, false, &store);

    if (r != RESULT_DONE)
        return r;
    if (!store_has(&store, RECORD_APPROVED)) {
        say("%s: nothing is approved", name);
        return RESULT_DONE;
    }
    r = approval_remove(&store);
    if (r < 0) {
        complain("%s: cannot remove %s/" RECORD_APPROVED ": %s", name, store.path, strerror(-r));
        return RESULT_FAILED;
    }
    say("%s: nothing is approved any more", name);
    return RESULT_DONE;
}

/* What was shown is what is approved: should a file have changed since, it expires right away. */
static int record(const Service *service)
{
    const char *name = service->declaration->name;
    _cleanup_free_ char *plan = consent_describe_plan(service);
    bool deferred = service_is_deferred(service);
    Fingerprint fingerprint = approval_fingerprint(&service->fingerprint, service->extra);
    _cleanup_store_ Store store = STORE_NONE;
    int r = open_store(name, true, &store);

    if (r != RESULT_DONE)
        return r;
    r = approval_write(&store, service->plan.from, service->plan.to, &fingerprint,
                       service->reasons);
    if (r < 0) {
        /* It may have its name already, and not be known to be on disk. */
        bool gone = approval_remove(&store) == 0;

        complain("%s: %s: cannot write %s/" RECORD_APPROVED ": %s", name,
                 gone ? "nothing is approved" : "whether it is approved cannot be told", store.path,
                 strerror(-r));
        return RESULT_FAILED;
    }
    say("%s: %s is approved. Nothing was started; %s%s%s%smigratectl start %s", name,
        plan ? plan : "the plan",
        deferred ? "it is deferred, too; to end that: " : "to do so, type: ",
        deferred ? "migratectl resume " : "", deferred ? name : "", deferred ? ", then: " : "",
        name);
    return RESULT_DONE;
}

/* Nothing waits for an answer? Says so. */
static bool is_settled(const Service *service)
{
    const char *name = service->declaration->name;
    _cleanup_free_ char *plan = consent_describe_plan(service);

    if (service->reasons && !service->approved)
        return false;
    say("%s: %s %s. To start it: %s%s%smigratectl start %s", name, plan ? plan : "the plan",
        service->reasons ? "is approved already" : "needs no approval",
        service_is_deferred(service) ? "migratectl resume " : "",
        service_is_deferred(service) ? name : "", service_is_deferred(service) ? ", then: " : "",
        name);
    return true;
}

static int approve(const Declaration *declaration)
{
    _cleanup_(service_free) Service service = {.store = STORE_NONE};
    sd_bus *bus = service_bus();
    bool hooks;
    int r = service_look(declaration, bus, options.from, &service);

    sd_bus_flush_close_unref(bus);
    if (r < 0 || reckon_space(&service) < 0)
        return complain_memory();
    r = approve_hooks(&service, &hooks);
    if (r != RESULT_DONE || (hooks && (!service.has_plan || !service.reasons)))
        return r;
    if (!service.has_plan && service.condition == CONDITION_UNSTAMPED) {
        complain("%s: nothing is approved: %s. Once journalctl -u migrate@%s says which version "
                 "that is: migratectl approve %s --from=VERSION",
                 declaration->name, service.what ? service.what : "?", declaration->name,
                 declaration->name);
        return RESULT_REFUSED;
    }
    if (!service.has_plan)
        return plan_explain_none(&service);
    if (is_settled(&service))
        return RESULT_DONE;
    plan_print(&service);
    r = ask_operator(declaration->name, "\nApprove this plan, as its files are now?",
                     "nothing is approved");
    return r == RESULT_DONE ? record(&service) : r;
}

int ctl_approve(char **names)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    const Declaration *declaration = NULL;
    int r = require_root("approve");

    if (r != RESULT_DONE)
        return r;
    if (options.revoke)
        return take_back(names[0]);
    r = find_declaration(names[0], &declarations, &declaration);
    if (r == RESULT_DONE)
        r = helper_call("settle", names[0], NULL);
    return r == RESULT_DONE ? approve(declaration) : r;
}
