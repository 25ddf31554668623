/* SPDX-License-Identifier: MIT */
/* Finds and reads the files of declarations in the four directories. Writes nothing. */
#include "declare/private.h"

#include <fcntl.h>
#include <sys/stat.h>

/* The directories in the order of precedence: the first directory that has a file NAME wins. */
static const char *const directories[N_DIRECTORIES] = {
    "/etc/migrate.d",
    "/run/migrate.d",
    "/usr/local/lib/migrate.d",
    "/usr/lib/migrate.d",
};

void entries_free(Entries *entries)
{
    ITEMS_FOREACH (entry, entries)
        free(entry->name);
    free(entries->items);
    *entries = (Entries){};
}

static int compare_entries(const void *a, const void *b)
{
    const Entry *x = a, *y = b;
    int r = strcmp(x->name, y->name);

    return r ? r : (x->directory > y->directory) - (x->directory < y->directory);
}

char *entry_path(const Sources *sources, const Entry *entry)
{
    return strprintf("%s%s/%s", sources->root, directories[entry->directory], entry->name);
}

/* Appends the entries of a directory, and puts prefix before each name. */
static int list(const char *path, const char *prefix, unsigned directory, Entries *entries)
{
    _cleanup_closedir_ DIR *dir = opendir(path);
    struct dirent *de;

    if (!dir)
        return -errno;
    while (errno = 0, de = readdir(dir)) {
        Entry *entry;
        char *name;

        if (de->d_name[0] == '.')
            continue;
        name = strprintf("%s%s", prefix, de->d_name);
        entry = name ? ARRAY_GROW(entries->items, entries->n_items) : NULL;
        if (!entry) {
            free(name);
            return -ENOMEM;
        }
        *entry = (Entry){name, directory};
    }
    return -errno;
}

/* Lists a directory. Returns only -ENOMEM; any other error becomes a problem. */
static int list_or_complain(const char *path, const char *prefix, unsigned directory,
                            Entries *entries, Problems *problems)
{
    int r = list(path, prefix, directory, entries);

    if (r == -ENOMEM)
        return r;
    /* A regular file may happen to have the name of the service. A file NAME.ini.d, however, is a
     * mistake. */
    if (r < 0 && (r != -ENOTDIR || endswith(path, ".d")))
        problem_add(problems, (Origin){path, 0}, "cannot be read: %s", strerror(-r));
    return 0;
}

int sources_open(const char *root, Sources *ret, Problems *problems)
{
    _cleanup_(sources_close) Sources sources = SOURCES_NONE;
    int r;

    sources.root = root ? root : "";
    for (unsigned d = 0; d < N_DIRECTORIES; d++) {
        _cleanup_free_ char *path = strprintf("%s%s", sources.root, directories[d]);

        if (!path)
            return -ENOMEM;
        sources.fds[d] = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (sources.fds[d] < 0 && (errno == ENOENT || errno == ENOTDIR))
            continue;
        r = list_or_complain(path, "", d, &sources.names, problems);
        if (r < 0)
            return r;
    }
    ARRAY_SORT(sources.names.items, sources.names.n_items, compare_entries);
    *ret = sources;
    sources = (Sources)SOURCES_NONE;
    return 0;
}

void sources_close(Sources *sources)
{
    for (unsigned d = 0; d < N_DIRECTORIES; d++)
        cleanup_close(sources->fds + d);
    entries_free(&sources->names);
}

static int compare_name(const void *name, const void *entry)
{
    return strcmp(name, ((const Entry *)entry)->name);
}

const Entry *sources_find(const Sources *sources, const char *name)
{
    if (sources->names.n_items == 0)
        return NULL;
    return bsearch(name, sources->names.items, sources->names.n_items, sizeof(Entry), compare_name);
}

/* Keeps the entries with that suffix, each name once. */
static void entries_keep(Entries *entries, const char *suffix)
{
    size_t kept = 0;

    ARRAY_SORT(entries->items, entries->n_items, compare_entries);
    ITEMS_FOREACH (entry, entries)
        if (!endswith(entry->name, suffix) ||
            (kept > 0 && streq(entries->items[kept - 1].name, entry->name)))
            free(entry->name);
        else
            entries->items[kept++] = *entry;
    entries->n_items = kept;
}

int sources_list(const Sources *sources, const char *sub, Entries *ret, Problems *problems)
{
    _cleanup_(entries_free) Entries entries = {};
    _cleanup_free_ char *prefix = strprintf("%s/", sub);
    const Entry *first = sources_find(sources, sub),
                *end = sources->names.items + sources->names.n_items;

    if (!prefix)
        return -ENOMEM;
    while (first && first > sources->names.items && streq(first[-1].name, sub))
        first--;
    for (; first && first < end && streq(first->name, sub); first++) {
        _cleanup_free_ char *path = entry_path(sources, first);
        int r =
            path ? list_or_complain(path, prefix, first->directory, &entries, problems) : -ENOMEM;

        if (r < 0)
            return r;
    }
    entries_keep(&entries, ".ini");
    *ret = TAKE_STRUCT(entries);
    return 0;
}

int sources_read(const Sources *sources, const Entry *entry, char **ret, size_t *ret_size)
{
    int fd = sources->fds[entry->directory],
        r = read_file_at(fd, entry->name, FILE_SIZE_MAX, ret, ret_size);
    struct stat st;

    if (r != -EBADFD || fstatat(fd, entry->name, &st, 0) < 0 || !S_ISCHR(st.st_mode))
        return r;
    *ret = strdup(""); /* a link to /dev/null */
    *ret_size = 0;
    return *ret ? 0 : -ENOMEM;
}
