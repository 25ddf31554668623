/* SPDX-License-Identifier: MIT */
/* Reads directories and records. Errors become facts; only a lack of memory makes a function
 * fail. */
#include "judge/facts.h"

#include "declare/kernel-command-line.h"
#include "store/known.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

/* --- owning ---------------------------------------------------------------------------------- */

static void answer_free(Answer *answer)
{
    free(answer->text);
    free(answer->version);
}

static void unit_free(UnitFact *unit)
{
    free(unit->load);
    free(unit->active);
    free(unit->sub);
    free(unit->enable);
    free(unit->ended);
    free(unit->timeout);
}

static void former_name_free(FormerName *name)
{
    free(name->name);
    known_record_free(&name->known);
}

static void former_free(FormerFacts *former)
{
    former_name_free(&former->moved);
    for (size_t i = 0; i < former->n_names; i++)
        former_name_free(former->names + i);
    free(former->names);
    for (size_t i = 0; i < former->n_directories; i++) {
        free(former->directories[i].directory);
        free(former->directories[i].refused);
        stamps_free(&former->directories[i].stamps);
    }
    free(former->directories);
}

static void ways_free(Ways *ways)
{
    history_free(&ways->history);
    backups_free(&ways->backups);
    free(ways->provisional);
    lineage_free(&ways->lineage);
    free(ways->candidate.id);
    strv_free(ways->set_back);
}

void facts_free(Facts *facts)
{
    for (size_t i = 0; i < facts->n_directories; i++) {
        stamps_free(&facts->directories[i].stamps);
        free(facts->directories[i].refused);
    }
    free(facts->directories);
    if (!facts->store_is_borrowed)
        store_close(&facts->store);
    transaction_record_free(&facts->transaction);
    transaction_record_free(&facts->failed);
    interruption_record_free(&facts->interrupted);
    post_record_free(&facts->post);
    history_free(&facts->history);
    free(facts->fresh);
    free(facts->declared);
    free(facts->command);
    free(facts->owner);
    approval_free(&facts->approval);
    deferral_record_free(&facts->deferral);
    known_record_free(&facts->known);
    refusal_free(&facts->refusal);
    former_free(&facts->former);
    for (size_t i = 0; i < facts->n_units; i++)
        unit_free(facts->units + i);
    free(facts->units);
    unit_free(&facts->migration);
    free(facts->left);
    free(facts->migration_unit);
    free(facts->migration_status);
    answer_free(&facts->fresh_check);
    answer_free(&facts->detect);
    answer_free(&facts->confirm);
    ways_free(&facts->ways);
    answer_free(&facts->space.answer);
    space_report_free(&facts->space.report);
    answer_free(&facts->in_use);
    answer_free(&facts->checks);
    *facts = (Facts){.store = STORE_NONE};
}

/* --- directories ----------------------------------------------------------------------------- */

int open_below(const char *root, const char *path, int flags)
{
    _cleanup_close_ int root_fd = open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct open_how how = {.flags = (uint64_t)flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    int fd;

    if (root_fd < 0)
        return -errno;
    /* SYS_openat2 is missing in glibc before 2.32. */
    fd = (int)syscall(__NR_openat2, root_fd, path, &how, sizeof(how));
    return fd < 0 ? -errno : fd;
}

/* With Stamp=store, the stamp in the store counts for every directory, instead of a stamp in the
 * directory. */
static int take_stored_stamps(const Facts *facts, StateDirectory *directory)
{
    _cleanup_(stamps_free) Stamps stored = {};
    int r = 0;

    if (facts->store.fd >= 0)
        r = stamps_read(facts->store.fd, facts->declaration->name, &stored);
    if (r < 0)
        return r;
    stored.empty = directory->stamps.empty;
    stamps_free(&directory->stamps);
    directory->stamps = TAKE_STRUCT(stored);
    return 0;
}

/* Reads the host's own stamp. All data there is the host's, so the directory counts as empty. */
static int look_at_host(StateDirectory *directory, int fd)
{
    _cleanup_(stamps_free) Stamps own = {};
    int r = stamps_read(fd, directory->host, &own);

    directory->stamps.empty = true;
    directory->ready = r == 0 && own.versions;
    return r;
}

char *facts_private_path(const char *path)
{
    static const char *const parents[] = {"/var/lib/", "/var/cache/", "/var/log/"};

    for (size_t i = 0; i < ELEMENTSOF(parents); i++)
        if (startswith(path, parents[i]) && !startswith(path + strlen(parents[i]), "private/"))
            return strprintf("%sprivate/%s", parents[i], path + strlen(parents[i]));
    return NULL;
}

/* A missing link does not mean missing data: DynamicUser= keeps the data in a private directory. */
static void look_for_link(const Facts *facts, StateDirectory *directory)
{
    bool bare = directory->error == -ENOENT ||
                (!directory->error && directory->stamps.empty && !directory->stamps.versions);
    _cleanup_free_ char *path =
        bare && !directory->host ? facts_private_path(directory->directory) : NULL;
    _cleanup_close_ int fd = path ? open_below(facts->root, path, O_RDONLY | O_DIRECTORY) : -ENOENT;
    _cleanup_(stamps_free) Stamps stamps = {};

    directory->unlinked = fd >= 0 && stamps_read(fd, facts->declaration->name, &stamps) == 0 &&
                          (!stamps.empty || stamps.versions);
}

int facts_add_directory(Facts *facts, const char *path, const char *host, int fd)
{
    const Declaration *declaration = facts->declaration;
    StateDirectory *directory = ARRAY_GROW(facts->directories, facts->n_directories);
    bool has_data = declaration->directories.n_items > 0;
    struct stat st = {};
    int r = fd < 0 ? fd : fstat(fd, &st) < 0 ? -errno : 0;

    if (!directory)
        return -ENOMEM;
    *directory = (StateDirectory){
        .directory = path, .host = host, .owner = st.st_uid, .stamps = {.empty = host || has_data}};
    if (r == 0 && (host || has_data))
        r = stamps_read(fd, declaration->name, &directory->stamps);
    if (r == 0 && host)
        r = look_at_host(directory, fd);
    if ((r == 0 || r == -ENOENT) && !host && declaration->stamp_in_store) {
        int stored = take_stored_stamps(facts, directory);

        r = stored < 0 ? stored : has_data ? r : 0;
    }
    directory->error = r;
    if (has_data && !host)
        look_for_link(facts, directory);
    return r == -ENOMEM ? r : 0;
}

int facts_add_place(Facts *facts, const char *path, const char *host, int found, const Place *place,
                    char *refused)
{
    _cleanup_free_ char *reason = refused;
    int r;

    if (found == PLACE_FOUND && host && place->remote)
        reason = strprintf("'%s' lies on %s", path, place->remote);
    else if (found == -ENOENT && !host)
        reason =
            strprintf("the directory in which '%s' lies is missing: is a disk not mounted?", path);
    if (!reason && (found == PLACE_REFUSED || found == -ENOMEM))
        return -ENOMEM;
    r = facts_add_directory(facts, path, host,
                            reason || found == -ENOENT ? -ENOENT
                            : found < 0                ? found
                            : place->fd < 0            ? -ENOENT
                                                       : place->fd);
    if (r == 0)
        facts->directories[facts->n_directories - 1].refused = TAKE_PTR(reason);
    return r;
}

/* For another root, or without root's rights, opens the directory without place_find()'s checks. */
static int read_directory(Facts *facts, const char *path, const char *host)
{
    const char *name = host ? host : facts->declaration->name;
    _cleanup_free_ char *store = strprintf(STORE_DIRECTORY "/%s", name);
    _cleanup_(place_close) Place place = PLACE_NONE;
    _cleanup_close_ int fd = -1;
    char *refused = NULL;
    int r;

    if (!store)
        return -ENOMEM;
    if (facts->root || facts->unprivileged || streq(path, store)) {
        fd = open_below(facts->root, path, O_RDONLY | O_DIRECTORY);
        return facts_add_directory(facts, path, host, fd);
    }
    r = host ? place_find(path, store, host, &place, &refused)
             : place_find_declared(facts->declaration, path, store, &place, &refused);
    return facts_add_place(facts, path, host, r, &place, refused);
}

static int read_host(Facts *facts, size_t i)
{
    const Declaration *declaration = facts->declaration;
    const char *host = declaration->within.items[i].value;
    _cleanup_store_ Store store = STORE_NONE;
    int r =
        read_directory(facts, declaration->stamps.items[declaration->n_own_stamps + i].value, host);

    if (r < 0 || store_open(facts->root, host, false, &store) < 0)
        return r;
    facts->directories[facts->n_directories - 1].busy =
        store_has(&store, RECORD_TRANSACTION) || store_has(&store, RECORD_MOVING);
    return 0;
}

int facts_read_directories(Facts *facts)
{
    const Declaration *declaration = facts->declaration;
    const Items *list =
        declaration->directories.n_items > 0 ? &declaration->directories : &declaration->stamps;
    size_t n = declaration->directories.n_items > 0 ? list->n_items : MIN(list->n_items, (size_t)1);
    int r = 0;

    for (size_t i = 0; r == 0 && i < n; i++)
        r = read_directory(facts, list->items[i].value, NULL);
    for (size_t i = 0; r == 0 && i + declaration->n_own_stamps < declaration->stamps.n_items; i++)
        r = read_host(facts, i);
    return r;
}

/* --- records --------------------------------------------------------------------------------- */

static int find_unmounted(Facts *facts, const Items *paths)
{
    int r = 0;

    ITEMS_FOREACH (item, paths) {
        if (r == 0 && !facts->unmounted)
            r = known_mount_is_missing(&facts->store, item->value);
        if (r > 0)
            facts->unmounted = item->value;
        r = MIN(r, 0);
    }
    return r;
}

static int read_known(Facts *facts)
{
    int r = known_read(&facts->store, &facts->known);

    facts->has_known = r == 0;
    if (r >= 0 && !facts->root)
        r = find_unmounted(facts, &facts->declaration->directories);
    if (r >= 0 && !facts->root)
        r = find_unmounted(facts, &facts->declaration->excludes);
    facts->known_error = r < 0 ? r : 0;
    return r == -ENOMEM ? r : 0;
}

/* Takes the result of reading a record. Treats a damaged record as missing: the helper reports the
 * damage. 0 or -ENOMEM. */
static int take_record(int r, bool *ret_has)
{
    *ret_has = r == 0;
    return r == -ENOMEM ? r : 0;
}

int facts_read_records(Facts *facts)
{
    const Store *store = &facts->store;
    int r;

    if (store->fd < 0)
        return 0;
    r = transaction_record_read(store, RECORD_TRANSACTION, &facts->transaction);
    if (take_record(r, &facts->has_transaction) < 0)
        return r;
    r = transaction_record_read(store, RECORD_FAILED, &facts->failed);
    facts->failed_error = r < 0 && r != -EBADMSG ? r : 0;
    if (take_record(r, &facts->has_failed) < 0 ||
        take_record(interruption_record_read(store, RECORD_INTERRUPTED, &facts->interrupted),
                    &facts->has_interrupted) < 0 ||
        take_record(post_record_read(store, RECORD_POST, &facts->post), &facts->has_post) < 0 ||
        history_read(store, &facts->history) == -ENOMEM ||
        fresh_read(store, &facts->fresh) == -ENOMEM ||
        declared_read(store, &facts->declared) == -ENOMEM || read_known(facts) < 0)
        return -ENOMEM;
    r = approval_read(store, RECORD_APPROVED, &facts->approval);
    facts->approval_error = r < 0 ? r : 0;
    if (r == -ENOMEM)
        return r;
    r = deferral_read(store, &facts->deferral);
    facts->has_deferral = r == 0;
    facts->deferred = r == 0 && !deferral_is_over(&facts->deferral);
    return r < 0 ? r : 0;
}

int facts_open_records(Facts *facts)
{
    int r = store_open(facts->root, facts->declaration->name, false, &facts->store);

    if (r == -ENOMEM)
        return r;
    facts->store_error = r;
    if (r < 0 && !facts->store.path) {
        facts->store.path = strprintf("%s" STORE_DIRECTORY "/%s", facts->root ? facts->root : "",
                                      facts->declaration->name);
        return facts->store.path ? 0 : -ENOMEM;
    }
    if (r < 0)
        return 0;
    r = facts_read_records(facts);
    return r == 0 && refusal_read(&facts->store, &facts->refusal) == -ENOMEM ? -ENOMEM : r;
}

void facts_read_kernel_command_line(Facts *facts)
{
    facts->off = !facts->root && kernel_command_line_has("migrate=off", true);
    facts->manual = !facts->root && kernel_command_line_has("migrate=manual", true);
}

/* --- former names and directories ------------------------------------------------------------ */

/* Says whether the name's store has records of a state. A record of the state's new name alone does
 * not count. */
static int read_records_of(const Facts *facts, const char *name, FormerName *ret)
{
    const Declaration *declaration =
        facts->declarations ? declarations_find(facts->declarations, name) : NULL;
    _cleanup_store_ Store store = STORE_NONE;
    int r;

    *ret = (FormerName){.name = strdup(name), .declared = declaration && declaration->enabled};
    if (!ret->name)
        return -ENOMEM;
    r = store_open(facts->root, name, false, &store);
    if (r < 0) {
        ret->records = r == -ENOENT ? 0 : r;
        return r == -ENOMEM ? r : 0;
    }
    r = known_read(&store, &ret->known);
    ret->records = r < 0 ? r : r == 0;
    if (store_has(&store, RECORD_TRANSACTION) || store_has(&store, "backups"))
        ret->records = 1;
    return r == -ENOMEM ? r : 0;
}

static int read_moved_away(Facts *facts)
{
    FormerFacts *former = &facts->former;
    _cleanup_free_ char *to = NULL;
    int r = facts->store.fd >= 0 ? moved_read(&facts->store, &to) : 1;

    for (int i = 0; r == 0 && i < FORMER_CHAIN_MAX; i++) {
        _cleanup_store_ Store next = STORE_NONE;
        _cleanup_free_ char *further = NULL;

        if (streq(to, facts->declaration->name) && i == 0)
            return 0;
        r = store_open(facts->root, to, false, &next);
        if (r == 0)
            r = moved_read(&next, &further);
        if (r != 0 || streq(further, to))
            break;
        free(to);
        to = TAKE_PTR(further);
    }
    if (r == -ENOMEM)
        return r;
    former->moved_error = r < 0 && r != -ENOENT ? r : 0;
    return to ? read_records_of(facts, to, &former->moved) : 0;
}

static int read_former_directory(Facts *facts, const char *path)
{
    FormerDirectory *directory = ARRAY_GROW(facts->former.directories, facts->former.n_directories);
    _cleanup_(place_close) Place place = PLACE_NONE;
    _cleanup_close_ int own_fd = -1;
    int fd, r;

    if (!directory)
        return -ENOMEM;
    *directory = (FormerDirectory){.directory = strdup(path), .stamps = {.empty = true}};
    if (!directory->directory)
        return -ENOMEM;
    if (facts->root || facts->unprivileged) {
        fd = own_fd = open_below(facts->root, path, O_RDONLY | O_DIRECTORY);
    } else {
        r = place_find(path, facts->store.path, facts->declaration->name, &place,
                       &directory->refused);
        fd = r < 0 ? r : r == PLACE_REFUSED || place.fd < 0 ? -ENOENT : place.fd;
    }
    directory->error = fd < 0 ? fd : stamps_read(fd, facts->declaration->name, &directory->stamps);
    return directory->error == -ENOMEM ? -ENOMEM : 0;
}

/* Adds the directory to which a newer system has moved the state. */
static int read_moved_directory(Facts *facts, const Known *known)
{
    const Items *directories = &facts->declaration->directories;

    return directories->n_items == 1 && strv_length(known->directories) == 1 &&
                   strv_contains(known->former, directories->items[0].value)
               ? read_former_directory(facts, known->directories[0])
               : 0;
}

int facts_read_former(Facts *facts)
{
    const Declaration *declaration = facts->declaration;
    FormerFacts *former = &facts->former;
    int r = read_moved_away(facts);

    former->moving = facts->store.fd >= 0 && store_has(&facts->store, RECORD_MOVING);
    former->own_records = facts->known_error ? facts->known_error : facts->has_known;
    if (facts->store.fd >= 0 &&
        (store_has(&facts->store, RECORD_TRANSACTION) || store_has(&facts->store, "backups")))
        former->own_records = 1;
    for (size_t i = 0; r == 0 && i < declaration->former_names.n_items; i++) {
        FormerName *name = ARRAY_GROW(former->names, former->n_names);

        r = name ? read_records_of(facts, declaration->former_names.items[i].value, name) : -ENOMEM;
    }
    for (size_t i = 0; r == 0 && i < declaration->former_directories.n_items; i++)
        r = read_former_directory(facts, declaration->former_directories.items[i].value);
    if (r == 0)
        r = read_moved_directory(facts, &facts->known);
    if (r == 0)
        r = read_moved_directory(facts, &former->moved.known);
    for (size_t i = 0; r == 0 && i < former->n_names; i++)
        r = read_moved_directory(facts, &former->names[i].known);
    return r;
}

/* --- space ----------------------------------------------------------------------------------- */

int facts_take_space(Facts *facts, int r, SpaceReport *report)
{
    Answer *answer = &facts->space.answer;

    facts->space.report = *report;
    *report = (SpaceReport){};
    answer->asked = true;
    answer->interrupted = r == -ECANCELED;
    if (r < 0 && !answer->interrupted)
        answer->text = strprintf("cannot estimate the space for the clone: %s", strerror(-r));
    else if (facts->space.report.lacking)
        answer->text = strdup(facts->space.report.lacking);
    answer->holds = r == 0 && !facts->space.report.lacking;
    return answer->holds || answer->interrupted || answer->text ? 0 : -ENOMEM;
}

int facts_read_space(Facts *facts)
{
    const Declaration *declaration = facts->declaration;
    _cleanup_free_ Place *places = calloc(declaration->directories.n_items + 1, sizeof(Place));
    _cleanup_(space_report_free) SpaceReport report = {};
    size_t n = 0;
    int r = places ? PLACE_FOUND : -ENOMEM;

    for (; r == PLACE_FOUND && n < declaration->directories.n_items; n++) {
        _cleanup_free_ char *refused = NULL;

        places[n] = (Place)PLACE_NONE;
        r = place_find_declared(declaration, declaration->directories.items[n].value,
                                facts->store.path, places + n, &refused);
    }
    if (r == PLACE_FOUND)
        r = space_look(&(SpaceQuery){.declaration = declaration,
                                     .store = &facts->store,
                                     .places = places,
                                     .n_places = n,
                                     .log = &(LogContext){.service = declaration->name}},
                       &report);
    while (n > 0)
        place_close(places + --n);
    return r == 0 ? facts_take_space(facts, r, &report) : r == -ENOMEM ? r : 0;
}

/* --- small questions ------------------------------------------------------------------------- */

size_t facts_n_own(const Facts *facts)
{
    size_t n = 0;

    while (n < facts->n_directories && !facts->directories[n].host)
        n++;
    return n;
}

bool facts_are_stamped(const Facts *facts)
{
    for (size_t i = 0; i < facts->n_directories; i++)
        if (facts->directories[i].stamps.versions)
            return true;
    return false;
}

bool facts_are_empty(const Facts *facts)
{
    for (size_t i = 0; i < facts_n_own(facts); i++)
        if (!facts->directories[i].stamps.empty)
            return false;
    return true;
}

const StateDirectory *facts_find_unready(const Facts *facts)
{
    for (size_t i = 0; i < facts->n_directories; i++)
        if (facts->directories[i].host && !facts->directories[i].ready)
            return facts->directories + i;
    return NULL;
}

bool facts_let_read(const Facts *facts, const char *version)
{
    const char *declared = facts->declaration->version.value;

    if (version_compare(version, declared) <= 0)
        return false;
    for (size_t i = 0; i < facts->n_directories; i++)
        if (!stamps_readable_by(&facts->directories[i].stamps, declared))
            return false;
    return facts->n_directories > 0;
}

const char *facts_newer_before(const Facts *facts)
{
    const Declaration *declaration = facts->declaration;
    const char *before = facts->declared;

    if (!before || !declaration->detect.argv || !declaration->version.value)
        return NULL;
    before += *before == ':';
    return version_is_valid(before) && version_compare(before, declaration->version.value) > 0
               ? before
               : NULL;
}

bool facts_lack_units(const Facts *facts)
{
    ARRAY_FOREACH (unit, facts->units, facts->n_units)
        if (!unit->old && !streq_null(unit->load, "not-found"))
            return false;
    return facts->n_units > 0;
}

bool facts_are_up(const Facts *facts)
{
    for (size_t i = 0; i < facts->n_units; i++) {
        const UnitFact *unit = facts->units + i;

        if (unit->active && unit_is_user(unit->unit) && !streq(unit->active, "inactive") &&
            !streq(unit->active, "failed") && !streq(unit->active, "deactivating") &&
            !(streq(unit->active, "activating") && startswith(unit->sub, "auto-restart")))
            return true;
    }
    return false;
}
