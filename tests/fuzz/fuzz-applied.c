/* SPDX-License-Identifier: MIT */
/* Any bytes for a kept way back: each of its steps either runs kept copies and files of the
 * system, or is reported as unusable.
 *
 * The input is the record of the way back; after a line "@history" the record of the transaction,
 * after "@files" the names of copies, one a line. */
#include "../unit/wayback/read-lineage.h"
#include "fuzz.h"
#include "wayback/wayback.h"

#define ID   "20261120T010203Z-00000001"
#define PATH "var/lib/migrate/app/applied/" ID

enum { PART_RECORD, PART_HISTORY, PART_FILES, N_PARTS };

static Store store = STORE_NONE;

static void write_files(int fd, FuzzPart *part)
{
    size_t n = 0;

    for (char *line; n++ < 16 && (line = fuzz_line(part)); free(line))
        if (!isempty(line) && strlen(line) <= 255 && !strchr(line, '/') && !streq(line, ".") &&
            !streq(line, ".."))
            fuzz_write(fd, line, line, strlen(line));
}

/* What a command names in the store lies where it was kept, and has a plain name. */
static Item state = {.value = (char *)"/var/lib/app"};
static const Declaration declaration = {.name = (char *)"app", .directories = {&state, 1}};

static void check_command(const Command *command)
{
    if (!command->argv)
        return;
    MUST(command->argv[0] && command->argv[0][0] == '/');
    STRV_FOREACH (word, command->argv) {
        const char *id;
        size_t length;

        if (applied_path_is_within(&store, *word, &id, &length))
            MUST(length > 0 && length < strlen(id) && id[length] == '/');
    }
}

static void check_kept(const Migration *kept)
{
    const Hooks *down = &kept->down;
    const Command *commands[] = {&down->script,  &down->check,  &down->backup,
                                 &down->restore, &down->verify, &down->post};

    MUST(kept->id && kept->kept_on && endswith(kept->kept_in, "/applied/" ID));
    MUST(down->present && down->timeout_usec > 0 && (down->script.argv || down->warnings));
    for (size_t i = 0; i < ELEMENTSOF(commands); i++)
        check_command(commands[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const versions[] = {"3", "2", "1"};
    FuzzPart parts[N_PARTS] = {
        [PART_HISTORY] = {.word = "@history"}, [PART_FILES] = {.word = "@files"}};
    _cleanup_close_ int fd = -1;

    fuzz_enter();
    if (store.fd < 0) {
        close(fuzz_mkdir("var/lib"));
        MUST(store_open(fuzz_path, "app", true, &store) == 0);
    }
    fuzz_clear(store.fd);
    fuzz_split(data, size, parts, N_PARTS);
    fd = fuzz_mkdir(PATH);
    write_files(fd, parts + PART_FILES);
    if (parts[PART_RECORD].data)
        fuzz_write(fd, APPLIED_RECORD, parts[PART_RECORD].data, parts[PART_RECORD].size);
    if (parts[PART_HISTORY].data)
        fuzz_write(store.fd, RECORD_HISTORY, parts[PART_HISTORY].data, parts[PART_HISTORY].size);
    for (size_t i = 0; i < ELEMENTSOF(versions); i++) {
        _cleanup_(lineage_free) Lineage lineage = {};
        Applied applied = {.id = (char *)ID};

        MUST(lineage_read(&store, versions[i], &lineage) == 0);
        MUST(applied_load(fuzz_path, &store, &declaration, &lineage) == 0);
        for (size_t j = 0; j < lineage.n_items; j++)
            if (lineage.items[j].kept)
                check_kept(lineage.items[j].kept);
        applied_mark_lineage(&applied, 1, versions[i], &lineage);
    }
    return 0;
}
