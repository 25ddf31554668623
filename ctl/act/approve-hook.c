/* SPDX-License-Identifier: MIT */
/* migratectl approve, for Post= hooks that have changed since their migration was approved. Takes
 * the fingerprint before the question, so that the operator approves exactly the hooks that were
 * shown. */
#include "act/approve-hook.h"

#include "basic/result.h"
#include "look/common.h"
#include "look/post-hooks.h"
#include "terminal/ask.h"
#include "terminal/output.h"

static void show(const Service *service, const Fingerprint *changed)
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

/* Writes the fingerprints of the changed hooks into the record; needs the lock. Returns 0; 1 if the
 * record has changed since the question; or a negative errno. */
static int write_down(Store *store, const char *id, const Fingerprint *changed, size_t n)
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

static Result record(const Service *service, const Fingerprint *changed)
{
    const char *name = service->declaration->name;
    _cleanup_store_ Store store = STORE_NONE;
    Result result = open_locked_store(name, true, &store);
    int r;

    if (result != RESULT_DONE)
        return result;
    r = write_down(&store, service->facts.post.id, changed, service->facts.post.n_hooks);
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

Result approve_hooks(const Service *service, bool *ret_approved)
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
    show(service, changed);
    result = ask_operator(service->declaration->name,
                          "\nApprove the hooks, with their files as they are now?",
                          "nothing was approved");
    if (result == RESULT_DONE)
        result = record(service, changed);
    *ret_approved = result == RESULT_DONE;
    return result;
}
