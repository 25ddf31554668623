/* SPDX-License-Identifier: MIT */
/* Compares the stamps of a run's state, and writes their links. */
#include "version/stamps.h"

#include "state/refuse.h"

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
