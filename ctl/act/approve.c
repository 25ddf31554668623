/* SPDX-License-Identifier: MIT */
/* migratectl approve: shows the plan that waits for approval, asks the operator, and records the
 * approval. Takes fingerprints before the question, so that the operator approves exactly what was
 * shown. Starts nothing. */
#include "act/verbs.h"
#include "look/common.h"
#include "show/verbs.h"

/* --- Post= hooks that have changed since their migration was approved ------------------------- */

static void show_hooks(const Service *service, const Fingerprint *changed)
{
    for (size_t i = 0; i < service->facts.post.n_hooks; i++) {
        const PostHook *hook = service->facts.post.hooks + i;
        _cleanup_free_ char *command = NULL;

        if (!*changed[i].hex)
            continue;
        command = strv_join(hook->argv, " ");
        print_line(4,
                   "%s: a hook of the migration from %s to %s has changed since the migration was "
                   "approved:",
                   service->declaration->name, hook->from, hook->to);
        printf("    Post=%s\n", command ? command : hook->argv[0]);
    }
}

static int write_hooks(Store *store, const char *id, const Fingerprint *changed, size_t n)
{
    _cleanup_(post_record_free) PostRecord post = {};
    int r = post_record_read(store, RECORD_POST, &post);

    if (r != 0)
        return r;
    if (!streq_null(post.id, id ? id : "") || post.n_hooks != n)
        return 1;
    for (size_t i = 0; r == 0 && i < n; i++)
        if (*changed[i].hex)
            r = post_hook_approve(post.hooks + i, changed + i);
    return r == 0 ? post_record_write(store, RECORD_POST, &post) : r;
}

static Result record_hooks(const Service *service, const Fingerprint *changed)
{
    const char *name = service->declaration->name;
    _cleanup_store_ Store store = STORE_NONE;
    Result result = open_locked_store(name, true, &store);
    int r;

    if (result != RESULT_DONE)
        return result;
    r = write_hooks(&store, service->facts.post.id, changed, service->facts.post.n_hooks);
    if (r == 1)
        return fail(RESULT_BUSY,
                    "%s: nothing was approved: the hooks have changed in the meantime. Run: "
                    "migratectl approve %s",
                    name, name);
    if (r < 0)
        return fail(RESULT_FAILED,
                    "%s: cannot write %s/" RECORD_POST ", so the approval may be lost: %s", name,
                    store.path, strerror(-r));
    say("%s: Post= is approved as it is now. Nothing was started. To run the hooks, run: systemctl "
        "start migrate-post@%s",
        name, name);
    return RESULT_DONE;
}

static Result approve_hooks(const Service *service, bool *ret_approved)
{
    _cleanup_free_ Fingerprint *changed = NULL;
    const char *first;
    Result result;

    *ret_approved = false;
    changed = post_hooks_compare(service, &first);
    if (!changed)
        return complain_memory();
    if (!first)
        return RESULT_DONE;
    show_hooks(service, changed);
    result = ask_operator(service->declaration->name,
                          "\nApprove the hooks, with their files as they are now?",
                          "nothing was approved");
    if (result == RESULT_DONE)
        result = record_hooks(service, changed);
    *ret_approved = result == RESULT_DONE;
    return result;
}

/* --- the plan --------------------------------------------------------------------------------- */

static Result take_back(const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;
    int r = require_root("approve");

    if (r == RESULT_DONE)
        r = open_locked_store(name, false, &store);
    if (r != RESULT_DONE)
        return r;
    if (!store_has(&store, RECORD_APPROVED)) {
        say("%s: there is no approval to take back", name);
        return RESULT_DONE;
    }
    r = record_remove(&store, RECORD_APPROVED);
    if (r < 0)
        return fail(RESULT_FAILED, "%s: cannot remove %s/" RECORD_APPROVED ": %s", name, store.path,
                    strerror(-r));
    say("%s: the approval was taken back", name);
    return RESULT_DONE;
}

static int say_next(const Service *approved)
{
    _cleanup_(service_free) Service service = {.facts.store = STORE_NONE};
    _cleanup_free_ char *next = NULL;
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = service_bus();

    if (service_look(approved->facts.declarations, approved->declaration, bus, NULL, &service) < 0)
        return complain_memory();
    next = service_next(&service);
    if (next)
        say("%s: nothing was started. To go on, %s", service.declaration->name, next);
    return RESULT_DONE;
}

/* Records approval of the plan that was shown. If a file has changed since, the approval expires at
 * once. */
static Result record(const Service *service)
{
    const char *name = service->declaration->name;
    _cleanup_free_ char *plan = plan_describe(service);
    Fingerprint fingerprint =
        approval_fingerprint(&service->facts.fingerprint, service->verdict.extra);
    _cleanup_store_ Store store = STORE_NONE;
    int r = open_locked_store(name, true, &store);

    if (r != RESULT_DONE)
        return r;
    r = approval_give(&store, service->verdict.route.plan.from, service->verdict.route.plan.to,
                      &fingerprint, service->verdict.reasons);
    if (r < 0) {
        /* The record may be in the directory but not on disk. */
        if (record_remove(&store, RECORD_APPROVED) == 0)
            complain("%s: nothing was approved: cannot write %s/" RECORD_APPROVED ": %s", name,
                     store.path, strerror(-r));
        else
            complain("%s: cannot write %s/" RECORD_APPROVED
                     ", so the approval may or may not count: %s",
                     name, store.path, strerror(-r));
        return RESULT_FAILED;
    }
    say("%s: %s is approved", name, plan ? plan : "the plan");
    return say_next(service);
}

static bool is_settled(const Service *service)
{
    const char *name = service->declaration->name;
    _cleanup_free_ char *plan = plan_describe(service), *next = service_next(service);

    if (service->verdict.reasons && !service->verdict.approved)
        return false;
    say(service->verdict.reasons ? "%s: %s is approved already. To go on, %s"
                                 : "%s: %s needs no approval. To go on, %s",
        name, plan ? plan : "the plan", next ? next : "?");
    return true;
}

static Result approve(const Declarations *all, const Declaration *declaration)
{
    _cleanup_(service_free) Service service = {.facts.store = STORE_NONE};
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = service_bus();
    bool hooks;
    Result result;

    if (service_look(all, declaration, bus, options.from, &service) < 0 ||
        service_read_space(&service) < 0)
        return complain_memory();
    result = approve_hooks(&service, &hooks);
    if (result != RESULT_DONE || (hooks && (!service.verdict.has_plan || !service.verdict.reasons)))
        return result;
    if (!service.verdict.has_plan && service.condition == CONDITION_UNSTAMPED)
        return fail(
            RESULT_REFUSED,
            "%s: nothing was approved: %s. The journal of migrate@%s says the version; then "
            "run: migratectl approve %s --from=VERSION",
            declaration->name, service.what, declaration->name, declaration->name);
    if (!service.verdict.has_plan)
        return plan_explain_none(&service);
    if (is_settled(&service))
        return RESULT_DONE;
    plan_print(&service);
    result = ask_operator(declaration->name, "\nApprove this plan, with its files as they are now?",
                          "nothing was approved");
    return result == RESULT_DONE ? record(&service) : result;
}

int ctl_approve(char **names)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    const Declaration *declaration = NULL;
    Result r;

    if (options.revoke)
        return take_back(names[0]);
    r = find_settled("approve", names[0], &declarations, &declaration);
    return r == RESULT_DONE ? approve(&declarations, declaration) : r;
}
