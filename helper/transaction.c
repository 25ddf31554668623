/* SPDX-License-Identifier: MIT */
/* A migration, told in order:
 *
 *   begin    write down that a transaction is in flight
 *   stage    clone every directory, on its own mount
 *   run      every step's script on the clones, then verify them
 *   stamp    the clones say the new version
 *   sync     the clones are on disk
 *   prove    nobody uses the state, the original is as it was when it was cloned, the declaration
 *            still wants this
 *   swap     write down that exchanges begin, exchange
 *   conclude fsync; what was live is now the backup
 *
 * The live state is not touched before "swap". Whatever goes wrong before drops the clones;
 * whatever goes wrong after is finished by recover.c. docs/design.md has the table of crash points.
 */
#include "abandon.h"

#include "attempt.h"
#include "quiesce.h"
#include "script.h"
#include "stage.h"
#include "stamp.h"
#include "system.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/xattr.h>
#include <systemd/sd-daemon.h>

static void transaction_free(Transaction *t)
{
    for (size_t i = 0; t->trees && i < t->run->n_places; i++)
        cleanup_close(&t->trees[i].fd);
    free(t->trees);
    free(t->staged);
    free(t->what);
    json_object_put(t->record);
    free(t->id);
}

/* Notes why the transaction cannot go on. Takes the text over; NULL means that memory is short. */
static int fail(Transaction *t, char *what, Result result)
{
    free(t->what);
    t->what = what ? what : strdup("out of memory");
    return result;
}

static int fail_errno(Transaction *t, const char *doing, const char *what, int r)
{
    if (r == -ECANCELED)
        return fail(t, strdup("interrupted"), RESULT_FAILED);
    return fail(t,
                what ? strprintf("%s: %s: %s", doing, what, strerror(-r))
                     : strprintf("%s: %s", doing, strerror(-r)),
                RESULT_FAILED);
}

/* --- begin --------------------------------------------------------------------------------- */

json_object *places_describe(const Place *places, size_t n_places)
{
    json_object *array = json_object_new_array();

    for (size_t i = 0; array && i < n_places; i++) {
        json_object *place = json_object_new_object();

        json_add_string(place, "directory", places[i].directory);
        json_add_string(place, "base", places[i].base);
        json_add_string(place, "entry", places[i].entry);
        json_object_array_add(array, place);
    }
    return array;
}

/* What has to be done after the start must survive a declaration that vanishes, so it is copied. */
static void describe_post(Transaction *t)
{
    json_object *hooks = json_object_new_array();

    for (size_t i = 0; i < t->plan->n_steps; i++) {
        const Step *step = t->plan->steps + i;
        json_object *hook, *argv;

        if (!step->hooks || !step->hooks->post.argv)
            continue;
        hook = json_object_new_object();
        argv = json_object_new_array();
        STRV_FOREACH (word, step->hooks->post.argv)
            json_object_array_add(argv, json_object_new_string(*word));
        json_object_object_add(hook, "argv", argv);
        json_add_string(hook, "from", step->from);
        json_add_string(hook, "to", step->to);
        if (step->hooks->timeout_usec != UINT64_MAX)
            json_add_integer(hook, "timeout", (int64_t)step->hooks->timeout_usec);
        json_object_array_add(hooks, hook);
    }
    json_object_object_add(t->record, "post", hooks);
}

static int write_record(Transaction *t, const char *phase)
{
    int r;

    json_add_string(t->record, "phase", phase);
    t->run->log.phase = phase;
    r = record_write(t->run->store, RECORD_TRANSACTION, t->record);
    return r < 0 ? fail_errno(t, "cannot write down the transaction", t->run->store->path, r) : 0;
}

static int begin(Transaction *t)
{
    _cleanup_free_ char *fingerprint = fingerprint_format(t->fingerprint),
                        *generation = system_generation();
    _cleanup_free_ char *started = time_format(t->started), *boot = system_boot_id();
    int r;

    t->id = system_new_id(t->started);
    t->record = json_object_new_object();
    if (!t->id || !t->record || !fingerprint || !started)
        return fail(t, NULL, RESULT_FAILED);
    json_add_string(t->record, "id", t->id);
    json_add_string(t->record, "service", t->run->declaration->name);
    json_add_string(t->record, "from", t->plan->from);
    json_add_string(t->record, "to", t->plan->to);
    json_add_string(t->record, "declaration", t->run->declaration->file);
    json_add_string(t->record, "fingerprint", fingerprint);
    json_add_string(t->record, "started", started);
    json_add_string(t->record, "generation", generation);
    json_add_string(t->record, "boot", boot);
    t->run->log.transaction = t->id;
    /* Two directories of the same name on one mount share a place. */
    for (size_t i = 1; i < t->run->n_places; i++)
        for (size_t j = 0; j < i; j++)
            if (streq(t->run->places[i].entry, t->run->places[j].entry) &&
                streq(t->run->places[i].base, t->run->places[j].base)) {
                r = strreplacef(&t->run->places[i].entry, "%zu-%s", i + 1, t->run->places[i].name);
                if (r < 0)
                    return fail(t, NULL, RESULT_FAILED);
            }
    json_object_object_add(t->record, "places", places_describe(t->run->places, t->run->n_places));
    describe_post(t);
    return write_record(t, PHASE_STAGING);
}

/* --- stage --------------------------------------------------------------------------------- */

static void report_staging(const StageProgress *progress, void *userdata)
{
    const Place *place = userdata;

    sd_notifyf(0, "STATUS=Cloning %s: %" PRIu64 " MiB, %" PRIu64 " files", place->directory,
               progress->bytes >> 20, progress->files);
}

static int stage_place(Transaction *t, size_t i, uint64_t *copied)
{
    const Declaration *declaration = t->run->declaration;
    Place *place = t->run->places + i;
    _cleanup_free_ char *what = NULL;
    uint64_t limit =
        attempt_is_approved(declaration, t->plan) ? UINT64_MAX : declaration->copy_limit;
    int r;

    r = place_prepare(place, t->id, true, &what);
    if (r < 0)
        return what ? fail(t, TAKE_PTR(what), RESULT_FAILED)
                    : fail_errno(t, "cannot prepare", place->base, r);
    r = stage_clone(
        place->fd, place->transaction_fd, place->entry,
        &(StageOptions){.cancel = &canceled,
                        .copy_limit = limit == UINT64_MAX ? limit : limit - MIN(limit, *copied),
                        .progress = report_staging,
                        .userdata = place},
        t->staged + i, &what);
    if (r == STAGE_OVER_LIMIT)
        return fail(t,
                    strprintf("cloning must copy more than CopyLimit= (%" PRIu64
                              " MiB). To approve, write Approved=%s:%s below [State] in "
                              "/etc/migrate.d/%s.ini.d/60-approved.ini, or raise CopyLimit=",
                              declaration->copy_limit >> 20, t->plan->from, t->plan->to,
                              declaration->name),
                    RESULT_APPROVAL);
    if (r == STAGE_REFUSED)
        return fail(t, strprintf("%s cannot be cloned: %s", place->directory, what ? what : "?"),
                    RESULT_REFUSED);
    if (r < 0)
        return fail_errno(t, "cannot clone the state", what ? what : place->directory, r);
    *copied += t->staged[i].total.copied;
    t->trees[i] = (SandboxTree){.path = place->directory,
                                .fd = openat(place->transaction_fd, place->entry,
                                             O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (t->trees[i].fd < 0)
        return fail_errno(t, "cannot open the clone", place->transaction, -errno);
    if (fsetxattr(t->trees[i].fd, STAGE_MARK, t->id, strlen(t->id), 0) < 0)
        return fail(
            t,
            strprintf("'%s' lies on a file system without trusted attributes, which tell clone and "
                      "original apart after a crash: %s",
                      place->directory, strerror(errno)),
            RESULT_REFUSED);
    return 0;
}

static int stage(Transaction *t)
{
    uint64_t copied = 0, bytes = 0, files = 0;
    bool snapshot = false;
    int r;

    t->staged = calloc(t->run->n_places, sizeof(StageResult));
    t->trees = calloc(t->run->n_places, sizeof(SandboxTree));
    if (!t->staged || !t->trees)
        return fail(t, NULL, RESULT_FAILED);
    for (size_t i = 0; i < t->run->n_places; i++)
        t->trees[i].fd = -1;
    for (size_t i = 0; i < t->run->n_places; i++) {
        r = stage_place(t, i, &copied);
        if (r != 0)
            return r;
        bytes += t->staged[i].total.bytes;
        files += t->staged[i].total.files;
        snapshot = snapshot || t->staged[i].snapshot;
    }
    json_add_integer(t->record, "bytes", (int64_t)bytes);
    json_add_integer(t->record, "copied", (int64_t)copied);
    json_add_integer(t->record, "files", (int64_t)files);
    log_event(&t->run->log, LOG_INFO, MESSAGE_STAGED, -1,
              "Cloned %" PRIu64 " MiB in %" PRIu64 " files (%s) in %.1f s", bytes >> 20, files,
              snapshot      ? "a snapshot"
              : copied == 0 ? "shared"
                            : "copied",
              (double)(time_now() - t->started) / 1e6);
    return 0;
}

/* --- run ----------------------------------------------------------------------------------- */

static void report_line(const char *line, void *userdata)
{
    const Transaction *t = userdata;

    sd_notifyf(0, "STATUS=Step %zu of %zu, %s to %s: %s", t->step + 1, t->plan->n_steps,
               t->step_from, t->step_to, line);
}

static int call_hook(Transaction *t, const Step *step, const Command *command, const char *key)
{
    _cleanup_strv_ char **hidden = NULL;
    _cleanup_free_ char *what = NULL;
    int r = 0;

    if (!step->hooks || !command->argv)
        return 0;
    /* The store, and the other places: the originals are hidden by the clones, which are bound over
     * them. */
    r = strv_append(&hidden, STORE_DIRECTORY);
    for (size_t i = 0; r == 0 && i < t->run->n_places; i++)
        if (!strv_contains(hidden, t->run->places[i].base) &&
            !startswith(t->run->places[i].base, STORE_DIRECTORY "/"))
            r = strv_append(&hidden, t->run->places[i].base);
    if (r < 0)
        return fail(t, NULL, RESULT_FAILED);
    r = script_run(&(ScriptContext){.declaration = t->run->declaration,
                                    .store = t->run->store,
                                    .log = &t->run->log,
                                    .trees = t->trees,
                                    .n_trees = t->run->n_places,
                                    .hidden_paths = hidden,
                                    .cancel = &canceled,
                                    .line = report_line,
                                    .userdata = t},
                   &(ScriptCall){.command = command,
                                 .key = key,
                                 .from = step->from,
                                 .to = step->to,
                                 .timeout_usec = step->hooks->timeout_usec,
                                 .access = SANDBOX_WRITABLE},
                   NULL, NULL, &what);
    if (r < 0)
        return fail_errno(t, "cannot run", command->argv[0], r);
    if (r == SCRIPT_FAILED) {
        t->keep_clone = true;
        return fail(t, TAKE_PTR(what), RESULT_FAILED);
    }
    return r == SCRIPT_CANCELED ? fail(t, strdup("interrupted"), RESULT_FAILED) : 0;
}

static int run_step(Transaction *t, const Step *step)
{
    uint64_t begun = time_now();
    int r;

    log_event(&t->run->log, LOG_INFO, MESSAGE_STEP, -1, "Step %zu of %zu: %s", t->step + 1,
              t->plan->n_steps, t->run->log.step);
    sd_notifyf(0, "STATUS=Step %zu of %zu, %s to %s", t->step + 1, t->plan->n_steps, step->from,
               step->to);
    r = call_hook(t, step, &step->hooks->script, "Script");
    if (r != 0)
        return r;
    log_info(&t->run->log, "Step %zu of %zu done after %.1f s", t->step + 1, t->plan->n_steps,
             (double)(time_now() - begun) / 1e6);
    if (!step->hooks->verify.argv)
        return 0;
    begun = time_now();
    sd_notifyf(0, "STATUS=Step %zu of %zu, %s to %s: verifying", t->step + 1, t->plan->n_steps,
               step->from, step->to);
    r = call_hook(t, step, &step->hooks->verify, "Verify");
    if (r == 0)
        log_info(&t->run->log, "Verified in %.1f s", (double)(time_now() - begun) / 1e6);
    return r;
}

/* Each step is verified right behind its script: what Verify= expects is what that step leaves. */
static int run_steps(Transaction *t)
{
    int r = 0;

    for (t->step = 0; r == 0 && t->step < t->plan->n_steps; t->step++) {
        const Step *step = t->plan->steps + t->step;
        _cleanup_free_ char *name = attempt_step_name(step);

        if (!step->hooks)
            continue;
        t->step_from = step->from;
        t->step_to = step->to;
        t->run->log.step = name ? name : "";
        r = run_step(t, step);
        t->run->log.step = NULL;
    }
    return r;
}

/* --- stamp, sync, prove, swap -------------------------------------------------------------- */

static int stamp_clones(Transaction *t)
{
    for (size_t i = 0; i < t->run->n_places; i++) {
        int r = stamp_write(t->trees[i].fd, t->run->declaration->name, t->plan->to);

        if (r < 0)
            return fail_errno(t, "cannot stamp the clone of", t->run->places[i].directory, r);
    }
    return 0;
}

/* Once per file system: everything of the clones is on disk before anything says so. It may take
 * long, so what is proven afterwards is still true when directories are exchanged. */
static int sync_clones(Transaction *t)
{
    sd_notify(0, "STATUS=Writing everything to disk");
    for (size_t i = 0; i < t->run->n_places; i++) {
        bool seen = false;
        struct stat a, b;

        if (fstat(t->trees[i].fd, &a) < 0)
            return fail_errno(t, "cannot look at the clone of", t->run->places[i].directory,
                              -errno);
        for (size_t j = 0; j < i; j++)
            seen = seen || (fstat(t->trees[j].fd, &b) == 0 && a.st_dev == b.st_dev);
        if (!seen && syncfs(t->trees[i].fd) < 0)
            return fail_errno(t, "cannot write the clone to disk", t->run->places[i].directory,
                              -errno);
    }
    return 0;
}

static int prove_unchanged(Transaction *t)
{
    for (size_t i = 0; i < t->run->n_places; i++) {
        const Place *place = t->run->places + i;
        struct stat now, then;
        uint64_t fingerprint;
        int r;

        if (fstatat(place->parent_fd, place->name, &now, AT_SYMLINK_NOFOLLOW) < 0 ||
            fstat(place->fd, &then) < 0)
            return fail_errno(t, "cannot look at", place->directory, -errno);
        if (now.st_dev != then.st_dev || now.st_ino != then.st_ino)
            return fail(t,
                        strprintf("'%s' is another directory than the one that was cloned",
                                  place->directory),
                        RESULT_FAILED);
        r = stage_fingerprint(place->fd, NULL, &canceled, &fingerprint);
        if (r < 0)
            return fail_errno(t, "cannot look at", place->directory, r);
        if (fingerprint != t->staged[i].fingerprint)
            return fail(
                t,
                strprintf("'%s' was changed while its clone was being migrated", place->directory),
                RESULT_FAILED);
    }
    return 0;
}

/* Was the system switched or rolled back meanwhile? Then nobody wants this migration any more. */
static int prove_wanted(Transaction *t)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    const Declaration *declaration;
    int r;

    r = declarations_read(NULL, &declarations);
    if (r < 0)
        return fail_errno(t, "cannot read the declaration again", NULL, r);
    declaration = declarations_find(&declarations, t->run->declaration->name);
    if (!declaration || declaration_is_broken(declaration) ||
        attempt_fingerprint(declaration, t->plan) != t->fingerprint)
        return fail(
            t,
            strdup("the declaration was changed meanwhile, so this migration is no longer wanted"),
            RESULT_BUSY);
    return 0;
}

static int prove(Transaction *t)
{
    _cleanup_free_ char *what = NULL;
    int r;

    sd_notify(0, "STATUS=Verifying that nobody uses the state");
    r = quiesce_check(t->run->declaration, t->run->places, t->run->n_places, &what);
    if (r < 0)
        return fail_errno(t, "cannot find out who uses the state", NULL, r);
    if (r == QUIESCE_BUSY)
        return fail(t, TAKE_PTR(what), RESULT_BUSY);
    r = prove_unchanged(t);
    return r == 0 ? prove_wanted(t) : r;
}

static int exchange(Place *place)
{
    return renameat2(place->parent_fd, place->name, place->transaction_fd, place->entry,
                     RENAME_EXCHANGE) < 0
               ? -errno
               : 0;
}

/* The primary goes last: it is what a state of one directory is. If one cannot be exchanged, those
 * before it go back, so that either all or none are. */
static int exchange_all(Transaction *t)
{
    size_t i, failed;
    int r = 0, back = 0;

    for (i = t->run->n_places; i > 0; i--) {
        r = exchange(t->run->places + i - 1);
        if (r < 0)
            break;
    }
    if (r == 0)
        return 0;
    failed = i - 1;
    /* On disk before the clones go, or a power cut could bring an exchange back without its record.
     */
    for (i++; back == 0 && i <= t->run->n_places; i++) {
        back = exchange(t->run->places + i - 1);
        if (back == 0)
            back = place_sync(t->run->places + i - 1);
    }
    return fail(t,
                strprintf("cannot exchange '%s' with its clone: %s",
                          t->run->places[failed].directory, strerror(-r)),
                back < 0 ? RESULT_ATTENTION : RESULT_FAILED);
}

static int swap(Transaction *t)
{
    int r;

    if (canceled)
        return fail(t, strdup("interrupted"), RESULT_FAILED);
    r = write_record(t, PHASE_SWAPPING);
    if (r != 0)
        return r;
    r = exchange_all(t);
    if (r != 0)
        return r;
    log_event(&t->run->log, LOG_INFO, MESSAGE_SWAPPED, -1, "The migrated clone is now the state");
    return 0;
}

/* --- conclude ------------------------------------------------------------------------------------
 */

static int finish(Transaction *t)
{
    const Declaration *declaration = t->run->declaration;
    _cleanup_free_ char *finished = time_format(time_now());
    int r;

    json_add_string(t->record, "finished", finished);
    json_add_integer(t->record, "duration", (int64_t)(time_now() - t->started));
    r = transaction_conclude(t->run->store, t->record, t->run->places, t->run->n_places,
                             &t->run->log);
    if (r < 0) {
        fail(t, strprintf("cannot conclude: %s", strerror(-r)), RESULT_ATTENTION);
        abandon_log_attention(t);
        return RESULT_ATTENTION;
    }
    log_event(&t->run->log, LOG_NOTICE, MESSAGE_FINISHED, RESULT_DONE,
              "The state of %s is at version %s, after %.1f s. The original, at %s, is kept in %s",
              declaration->name, t->plan->to, (double)(time_now() - t->started) / 1e6,
              t->plan->from, t->run->places[0].transaction);
    return RESULT_DONE;
}

int transaction_run(Run *run, const Plan *plan)
{
    _cleanup_(transaction_free) Transaction t = {.run = run, .plan = plan, .started = time_now()};
    int r;

    t.fingerprint = attempt_fingerprint(run->declaration, plan);
    run->log.from = plan->from;
    run->log.to = plan->to;
    log_event(&run->log, LOG_NOTICE, MESSAGE_STARTED, -1, "Migrating the state of %s from %s to %s",
              run->declaration->name, plan->from, plan->to);
    r = begin(&t);
    if (r == 0)
        r = stage(&t);
    if (r == 0)
        r = run_steps(&t);
    if (r == 0)
        r = stamp_clones(&t);
    if (r == 0)
        r = sync_clones(&t);
    if (r == 0)
        r = prove(&t);
    if (r == 0)
        r = swap(&t);
    r = r == 0 ? finish(&t) : abandon(&t, r);
    run->log.transaction = NULL; /* it is freed here */
    return r;
}
