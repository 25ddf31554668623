/* SPDX-License-Identifier: MIT */
/* The record of the software that a state belongs to. */
#include "store/software.h"

#include "store/gcroot.h"

int software_read(const Store *store, const char *version, char **ret)
{
    _cleanup_json_ json_object *record = NULL;
    int r = record_read(store, RECORD_SOFTWARE, &record);
    const char *of = r == 0 ? json_string(record, "version") : NULL,
               *path = json_string(record, "software");

    *ret = NULL;
    if (r == 1 || r == -EBADMSG)
        return 0;
    if (r < 0 || !version || !of || !path || path[0] != '/' || version_compare(of, version) != 0)
        return r;
    *ret = strdup(path);
    return *ret ? 0 : -ENOMEM;
}

/* A link that leads into the Nix store leads elsewhere once the system is switched. */
static int resolve(const char *declared, char **ret)
{
    _cleanup_free_ char *real = declared ? realpath(declared, NULL) : NULL;

    *ret = !declared                                 ? NULL
           : real && startswith(real, "/nix/store/") ? TAKE_PTR(real)
                                                     : strdup(declared);
    return *ret || !declared ? 0 : -ENOMEM;
}

int software_describe(const Store *store, json_object *record, const char *from,
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
    json_add_string(record, FIELD_SOFTWARE_FROM, before);
    json_add_string(record, FIELD_SOFTWARE_TO, after);
    return 0;
}

int software_remember(const Store *store, const char *version, const char *path)
{
    _cleanup_json_ json_object *record = NULL;

    if (!path)
        return record_remove(store, RECORD_SOFTWARE);
    record = json_object_new_object();
    if (!record)
        return -ENOMEM;
    json_add_string(record, "version", version);
    json_add_string(record, "software", path);
    return record_write(store, RECORD_SOFTWARE, record);
}
