/* SPDX-License-Identifier: MIT */
/* Any bytes for manifests and for the records beside them: backups are listed and judged, and no
 * backup that is needed is removed.
 *
 * The input is the manifest of the older of two backups; after a line "@second" the manifest of
 * the newer one, after "@failed", "@transaction" and "@post" these records, and after "@names"
 * more names below backups/, one a line. */
#include "backup/pruning.h"
#include "fuzz.h"

#define FIRST  "20261120T010203Z-00000001"
#define SECOND "20261121T010203Z-00000002"

enum { PART_FIRST, PART_SECOND, PART_FAILED, PART_TRANSACTION, PART_POST, PART_NAMES, N_PARTS };

static Store store = STORE_NONE;

static void write_manifest(const char *id, const FuzzPart *part)
{
    _cleanup_free_ char *path = strprintf("var/lib/migrate/app/backups/%s", id);
    _cleanup_close_ int fd = part->data ? fuzz_mkdir(path) : -1;

    if (fd < 0)
        return;
    MUST(mkdirat(fd, "app", 0755) == 0);
    fuzz_write(fd, "manifest", part->data, part->size);
}

static void write_names(FuzzPart *part)
{
    _cleanup_close_ int fd = fuzz_mkdir("var/lib/migrate/app/backups");
    size_t n = 0;

    MUST(fchmod(fd, 0700) == 0);
    for (char *line; n++ < 16 && (line = fuzz_line(part)); free(line))
        if (!isempty(line) && strlen(line) <= 255 && !strchr(line, '/') && !streq(line, ".") &&
            !streq(line, ".."))
            MUST(mkdirat(fd, line, 0700) == 0 || errno == EEXIST);
}

static void check_backup(const Backup *backup)
{
    bool told = backup->state == BACKUP_WHOLE || backup->state == BACKUP_INCOMPLETE ||
                backup->state == BACKUP_FAILED;

    MUST(!isempty(backup->id) && !strchr(backup->id, '/') && backup_state_name(backup->state));
    MUST(!backup->version || version_is_valid(backup->version));
    MUST(!told || (backup->version && backup->to && backup->time > 0 && backup->n_places > 0));
    MUST(backup->bytes >= -1 && backup->files >= -1);
    for (size_t i = 0; i < backup->n_places; i++) {
        const BackupPlace *place = backup->places + i;

        MUST(place->directory[0] == '/' && place->base[0] == '/');
        MUST(!strstr(place->base, "/../") && endswith(place->base, "/app"));
        MUST(!isempty(place->entry) && !strchr(place->entry, '/') && !streq(place->entry, ".."));
        MUST(backup->state != BACKUP_WHOLE || place->there);
    }
}

/* The newest whole one of a version stays where somebody declares that, and so do the Keep= newest;
 * nothing goes that is not whole, nor while a transaction is in flight. */
static void check_fates(const Backups *backups, const BackupRule *rule)
{
    _cleanup_free_ BackupFate *fates = calloc(backups->n_items + 1, sizeof(BackupFate));
    uint64_t whole = 0;

    MUST(fates);
    backups_judge(backups, rule, fates);
    for (size_t i = 0; i < backups->n_items; i++) {
        const Backup *backup = backups->items + i;
        bool removed = fates[i] == FATE_REMOVE, newest = true;

        MUST(!backups->in_flight || !backup_fate_removes(fates[i]));
        MUST(fates[i] != FATE_FINISH || backup->state == BACKUP_REMOVING);
        MUST(!removed ||
             ((backup->state == BACKUP_WHOLE || backup->state == BACKUP_FAILED) && !rule->unsure));
        if (backup->state != BACKUP_WHOLE)
            continue;
        MUST(!removed || whole >= rule->keep);
        MUST(!removed || !streq_null(backups->pending, backup->id));
        for (size_t j = 0; j < i; j++)
            newest = newest && !(backups->items[j].state == BACKUP_WHOLE &&
                                 version_compare(backups->items[j].version, backup->version) == 0);
        MUST(!removed || !newest || version_compare(backup->version, rule->versions[0]) != 0);
        whole++;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzPart parts[N_PARTS] = {
        [PART_SECOND] = {.word = "@second"},
        [PART_FAILED] = {.word = "@failed"},
        [PART_TRANSACTION] = {.word = "@transaction"},
        [PART_POST] = {.word = "@post"},
        [PART_NAMES] = {.word = "@names"},
    };
    static const char *const records[N_PARTS] = {[PART_FAILED] = RECORD_FAILED,
                                                 [PART_TRANSACTION] = RECORD_TRANSACTION,
                                                 [PART_POST] = RECORD_POST};
    static char *const versions[] = {(char *)"1", NULL};
    _cleanup_(backups_free) Backups backups = {};

    fuzz_enter();
    if (store.fd < 0) {
        close(fuzz_mkdir("var/lib"));
        MUST(store_open(fuzz_path, "app", true, &store) == 0);
    }
    fuzz_clear(store.fd);
    fuzz_split(data, size, parts, N_PARTS);
    write_names(parts + PART_NAMES);
    write_manifest(FIRST, parts + PART_FIRST);
    write_manifest(SECOND, parts + PART_SECOND);
    for (size_t i = 0; i < N_PARTS; i++)
        if (records[i] && parts[i].data)
            fuzz_write(store.fd, records[i], parts[i].data, parts[i].size);
    MUST(backups_read(fuzz_path, &store, NULL, &backups) == 0);
    for (size_t i = 0; i < backups.n_items; i++)
        check_backup(backups.items + i);
    MUST(backups_find(&backups, FIRST));
    for (unsigned i = 0; i < 8; i++)
        check_fates(&backups, &(BackupRule){.keep = i & 1,
                                            .keep_for_usec = i & 2 ? 1 : UINT64_C(1) << 50,
                                            .versions = versions,
                                            .unsure = i & 4,
                                            .now = UINT64_C(1800000000000000)});
    return 0;
}
