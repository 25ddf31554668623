/* SPDX-License-Identifier: MIT */
/* migratectl forget: asks, then has the helper drop what the store remembers of a state that is
 * gone. */
#include "ctl.h"
#include "helper.h"
#include "known.h"
#include "output.h"

static void explain(const char *name, const Known *known)
{
    _cleanup_free_ char *directories = strv_join(known->directories, ", ");

    printf("%s: its state was at version %s once", name, known->version ? known->version : "?");
    if (!isempty(directories))
        printf(", in %s", directories);
    printf(".\nIf that is on a disk that is not mounted, do not go on: mount it.\n"
           "Once it is forgotten, the service starts on nothing, as after a fresh installation.\n"
           "Its backups are kept, and so is its history.\n");
}

static int ask(const char *name, const Known *known)
{
    _cleanup_free_ char *line = NULL;
    size_t size = 0;

    if (options.yes)
        return RESULT_DONE;
    if (!isatty(STDIN_FILENO)) {
        complain("%s: nobody can be asked here. To agree beforehand: --yes", name);
        return RESULT_APPROVAL;
    }
    explain(name, known);
    fputs("Forget it? [y/N] ", stdout);
    fflush(stdout);
    if (getline(&line, &size, stdin) >= 0) {
        char *answer = strstrip_in_place(line);

        if (streq(answer, "y") || streq(answer, "Y") || streq(answer, "yes"))
            return RESULT_DONE;
    }
    complain("%s: nothing was changed", name);
    return RESULT_APPROVAL;
}

int ctl_forget(char **names)
{
    _cleanup_(known_free) Known known = {};
    _cleanup_store_ Store store = STORE_NONE;
    const char *name = names[0];
    int r = require_root("forget");

    if (r != RESULT_DONE)
        return r;
    r = store_open(NULL, name, false, &store);
    if (r == 0)
        r = known_read(&store, &known);
    if (r == 1 || r == -ENOENT) {
        say("%s: nothing is remembered, so its next start is a first one", name);
        return RESULT_DONE;
    }
    if (r < 0) {
        complain("%s: " STORE_DIRECTORY "/%s cannot be read: %s", name, name, strerror(-r));
        return RESULT_FAILED;
    }
    r = ask(name, &known);
    if (r == RESULT_DONE)
        r = helper_call("forget", name, NULL);
    if (r == RESULT_DONE)
        say("%s: forgotten. The next start is that of a fresh installation", name);
    return r;
}
