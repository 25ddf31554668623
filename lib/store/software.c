/* SPDX-License-Identifier: MIT */
/* Reads and writes the software record. */
#include "store/software.h"

#include "store/record-table.h"
#include "system/gcroot.h"

#define RECORD SoftwareRecord
static const RecordField fields[] = {
    STRING("version", version, 0),
    STRING("software", software, 0),
};
RECORD_TYPE(software_record_type, fields);

int software_read(const Store *store, const char *version, char **ret)
{
    _cleanup_(software_record_free) SoftwareRecord record = {};
    int r = software_record_read(store, RECORD_SOFTWARE, &record);

    *ret = NULL;
    if (r < 0 && r != -EBADMSG)
        return r;
    if (r == 0 && version && record.version && record.software && record.software[0] == '/' &&
        version_compare(record.version, version) == 0)
        *ret = TAKE_PTR(record.software);
    return 0;
}

/* Resolves a link into the Nix store, because a switch of the system changes the link. */
static int resolve(const char *declared, char **ret)
{
    _cleanup_free_ char *real = declared ? realpath(declared, NULL) : NULL;

    return strreplace(ret, real && startswith(real, "/nix/store/") ? real : declared);
}

int software_describe(const Store *store, TransactionRecord *record, const char *from,
                      const char *declared)
{
    _cleanup_free_ char *before = NULL, *after = NULL;
    _cleanup_strv_ char **paths = NULL;
    int r = from ? software_read(store, from, &before) : 0;

    if (r == 0)
        r = resolve(declared, &after);
    if (r == 0)
        r = gcroot_find(after, &paths);
    if (r == 0)
        r = gcroot_add(NULL, store->name, paths);
    if (r < 0)
        return r;
    record->software_from = TAKE_PTR(before);
    record->software_to = TAKE_PTR(after);
    return 0;
}

int software_remember(const Store *store, const char *version, const char *path)
{
    return path ? software_record_write(
                      store, RECORD_SOFTWARE,
                      &(SoftwareRecord){.version = (char *)version, .software = (char *)path})
                : record_remove(store, RECORD_SOFTWARE);
}
