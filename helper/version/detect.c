/* SPDX-License-Identifier: MIT */
/* FreshCheck= and Detect= on the originals. */
#include "version/detect.h"

#include "script/place-tree.h"
#include "script/script.h"

static int run_script(const Run *run, const Command *command, const char *key, const char *stamped,
                      char **ret_text, int *ret_status, char **reterr_what)
{
    _cleanup_free_ SandboxTree *trees = calloc(run->n_places + 1, sizeof(SandboxTree));
    size_t n = 0;

    if (!trees)
        return -ENOMEM;
    for (size_t i = 0; i < run->n_places; i++)
        if (run->places[i].fd >= 0)
            trees[n++] = place_tree(run->places + i, run->places[i].fd);
    return script_run(&(ScriptContext){.declaration = run->declaration,
                                       .store = run->store,
                                       .log = &run->log,
                                       .trees = trees,
                                       .n_trees = n,
                                       .cancel = &canceled,
                                       .rehearsal = run->log.rehearsal},
                      &(ScriptCall){.command = command,
                                    .key = key,
                                    .from = stamped,
                                    .timeout_usec = UINT64_MAX,
                                    .access = SANDBOX_READ_ONLY},
                      ret_text, ret_status, reterr_what);
}

/* Takes the text over; NULL: memory is short. */
static int fail(char **reterr_what, int outcome, char *what)
{
    *reterr_what = what;
    return what ? outcome : -ENOMEM;
}

int detect_fresh(const Run *run, bool *ret, char **reterr_what)
{
    int r, status;

    r = run_script(run, &run->declaration->fresh_check, "FreshCheck", NULL, NULL, &status,
                   reterr_what);
    if (r < 0)
        return r;
    if (r == SCRIPT_SUCCESS || status == 1) {
        free(TAKE_PTR(*reterr_what));
        *ret = r == SCRIPT_SUCCESS;
        return DETECT_DONE;
    }
    return *reterr_what ? DETECT_FAILED : fail(reterr_what, DETECT_CANCELED, strdup("interrupted"));
}

int detect_version(const Run *run, const char *stamped, char **ret_version, char **reterr_what)
{
    const Command *detect = &run->declaration->detect;
    _cleanup_free_ char *text = NULL;
    char *version;
    int r;

    r = run_script(run, detect, "Detect", stamped, &text, NULL, reterr_what);
    if (r == SCRIPT_CANCELED)
        return fail(reterr_what, DETECT_CANCELED, strdup("interrupted"));
    if (r != SCRIPT_SUCCESS)
        return r < 0 ? r : DETECT_FAILED;
    version = strstrip_in_place(text);
    if (!version_is_valid(version))
        return fail(
            reterr_what, DETECT_FAILED,
            strprintf("Detect=%s printed '%s', which is no version", detect->argv[0], version));
    *ret_version = strdup(version);
    return *ret_version ? DETECT_DONE : -ENOMEM;
}

int detect_confirm(const Run *run, const char *version, char **reterr_what)
{
    const Declaration *declaration = run->declaration;
    _cleanup_free_ char *found = NULL, *what = NULL;
    int r;

    if (!declaration->detect.argv)
        return RESULT_DONE;
    r = detect_version(run, version, &found, &what);
    if (r == DETECT_CANCELED || r < 0) {
        *reterr_what = r < 0 ? strdup(strerror(-r)) : TAKE_PTR(what);
        return RESULT_FAILED;
    }
    if (r == DETECT_FAILED) {
        log_info(&run->log, "Detect= cannot tell the version, so %s is believed: %s", version,
                 what ? what : "?");
        return RESULT_DONE;
    }
    if (version_compare(found, version) == 0)
        return RESULT_DONE;
    *reterr_what = strprintf(
        "the record of %s says version %s, but the data is at version %s by Detect=%s. If the data "
        "is right (it was brought back without its stamp): migratectl adopt --force %s %s. If it "
        "is not the data that belongs there, bring that back: migratectl backups %s. If Detect= is "
        "wrong, mend it; where it cannot tell, it has to fail",
        run->where, version, found, declaration->detect.argv[0], declaration->name, found,
        declaration->name);
    return RESULT_REFUSED;
}
