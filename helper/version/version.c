/* SPDX-License-Identifier: MIT */
/* Finds the version of a state: runs FreshCheck= and Detect= on the original directories, and
 * compares the stamps. */
#include "version/version.h"

#include "transaction/transaction.h"

/* --- scripts ------------------------------------------------------------------------------- */

static int run_script(const Run *run, const Command *command, const char *key, const char *stamped,
                      char **ret_text, int *ret_status, char **reterr_what)
{
    _cleanup_free_ SandboxTree *trees = calloc(run->n_places + 1, sizeof(SandboxTree));
    ScriptContext context = run_script_context(run, trees);
    size_t n = 0;

    if (!trees)
        return -ENOMEM;
    for (size_t i = 0; i < run->n_places; i++)
        if (run->places[i].fd >= 0)
            trees[n++] = place_tree(run->places + i, run->places[i].fd);
    context.n_trees = n;
    return script_run(&context,
                      &(ScriptCall){.command = command,
                                    .key = key,
                                    .from = stamped,
                                    .timeout_usec = UINT64_MAX,
                                    .access = SANDBOX_READ_ONLY},
                      ret_text, ret_status, reterr_what);
}

/* Takes the failure of a script as its answer. what: the reason, which the answer takes over. 0 or
 * -ENOMEM. */
static int take_failure(Answer *answer, const char *key, int outcome, char *what)
{
    answer->interrupted = outcome == SCRIPT_CANCELED;
    answer->text = !what && outcome < 0
                       ? strprintf("%s= could not be run: %s", key, strerror(-outcome))
                       : what;
    return answer->text || answer->interrupted ? 0 : -ENOMEM;
}

int detect_fresh(Run *run)
{
    Answer *answer = &run->facts.fresh_check;
    char *what = NULL;
    int status = -1, r = run_script(run, &run->declaration->fresh_check, "FreshCheck", NULL, NULL,
                                    &status, &what);

    *answer = (Answer){.asked = true};
    if (r == SCRIPT_SUCCESS || (r == SCRIPT_FAILED && status == 1)) {
        free(what);
        answer->holds = r == SCRIPT_SUCCESS;
        return 0;
    }
    return take_failure(answer, "FreshCheck", r, what);
}

/* Runs Detect=, and takes its answer. 0, 1 if Detect= cannot tell the version, or a negative
 * errno. */
static int ask_version(const Run *run, const char *stamped, Answer *answer)
{
    const Command *detect = &run->declaration->detect;
    _cleanup_free_ char *text = NULL;
    char *version, *what = NULL;
    int outcome = run_script(run, detect, "Detect", stamped, &text, NULL, &what), r;

    *answer = (Answer){.asked = true};
    if (outcome != SCRIPT_SUCCESS) {
        r = take_failure(answer, "Detect", outcome, what);
        return r == 0 && outcome == SCRIPT_FAILED ? 1 : r;
    }
    version = strstrip_in_place(text);
    answer->holds = version_is_valid(version);
    if (answer->holds)
        answer->version = strdup(version);
    else
        answer->text = strprintf("Detect=%s printed '%s', which is not a valid version",
                                 detect->argv[0], version);
    return answer->text ? 1 : answer->version ? 0 : -ENOMEM;
}

int detect_version(Run *run)
{
    int r = ask_version(run, NULL, &run->facts.detect);

    return r < 0 ? r : 0;
}

int detect_confirm(Run *run, const char *version)
{
    Answer *answer = &run->facts.confirm;
    int r = 0;

    free(TAKE_PTR(answer->text));
    free(TAKE_PTR(answer->version));
    *answer = (Answer){.asked = true, .holds = true};
    if (run->declaration->detect.argv)
        r = ask_version(run, version, answer);
    if (r < 0)
        return r;
    if (answer->version)
        answer->holds = version_compare(answer->version, version) == 0;
    if (r == 1) {
        log_info(&run->log, "Detect= cannot tell the version, so %s is believed: %s", version,
                 answer->text);
        answer->holds = true;
    }
    return 0;
}

Verdict detect_verdict(const Run *run, const char *version)
{
    const Answer *answer = &run->facts.confirm;

    return (Verdict){.outcome = answer->holds         ? OUTCOME_CURRENT
                                : answer->interrupted ? OUTCOME_STOPPED
                                : answer->version     ? OUTCOME_CONTRADICTED
                                                      : OUTCOME_UNDETECTED,
                     .version = (char *)version,
                     .text = answer->text};
}

/* --- stamps -------------------------------------------------------------------------------- */

static size_t n_own_stamps(const Run *run)
{
    return run->declaration->stamp_in_store ? 1 : run->n_places;
}

size_t stamps_n(const Run *run)
{
    return n_own_stamps(run) + run->n_lodgings;
}

int stamps_fd(const Run *run, size_t i)
{
    if (i >= n_own_stamps(run))
        return run->lodgings[i - n_own_stamps(run)].fd;
    return run->declaration->stamp_in_store ? run->store->fd : run->places[i].fd;
}

Agreement stamps_read_agreement(const Run *run, bool own, const char **ret_stamp)
{
    const Facts *facts = &run->facts;
    const StateDirectory *directory;

    *ret_stamp = NULL;
    return stamps_agree(facts->directories, own ? facts_n_own(facts) : facts->n_directories,
                        &directory, ret_stamp);
}

char *stamps_describe_disagreement(Run *run, bool own)
{
    size_t n = own ? facts_n_own(&run->facts) : run->facts.n_directories;
    _cleanup_free_ char *found = directories_describe(run->facts.directories, n);

    return found ? strprintf("the stamps of the state do not agree: %s", found) : NULL;
}

static int link_readers(const Run *run, const char *version)
{
    const Items *readers = &run->declaration->readable_by;
    _cleanup_strv_ char **wanted = NULL;
    int r = 0;

    for (size_t i = 0; r == 0 && i < readers->n_items; i++)
        r = strv_append(&wanted, readers->items[i].value);
    for (size_t i = 0; r == 0 && i < stamps_n(run); i++)
        r = stamp_link(stamps_fd(run, i), run->declaration->name, version, wanted);
    return r;
}

void stamps_link_readers(const Run *run, const char *version)
{
    int r = streq(version, run->declaration->version.value) ? link_readers(run, version) : 0;

    if (r < 0)
        log_warning(&run->log,
                    "Cannot write the stamps for ReadableBy= in %s, so older software does not "
                    "start there: %s",
                    run->where, strerror(-r));
}
