/* SPDX-License-Identifier: MIT */
#include "system/system.h"

#include "basic/fingerprint.h"

#include <fcntl.h>
#include <limits.h>
#include <systemd/sd-id128.h>
#include <time.h>

char *system_new_id(uint64_t usec)
{
    time_t seconds = (time_t)(usec / 1000000);
    char text[sizeof("20261122T091738Z") + 8];
    sd_id128_t random;
    struct tm tm;

    if (sd_id128_randomize(&random) < 0 || !gmtime_r(&seconds, &tm) ||
        !strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &tm))
        return NULL;
    /* The microseconds make ids of the same second sort by time. */
    return strprintf("%s-%05x%03x", text, (unsigned)(usec % 1000000),
                     (unsigned)(random.qwords[0] & 0xfff));
}

char *os_release_value(char *text, const char *key)
{
    char *state = NULL;

    for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
        size_t length = strlen(key);
        char *value;

        if (strncmp(line, key, length) != 0 || line[length] != '=')
            continue;
        value = line + length + 1;
        value += strspn(value, "\"'");
        value[strcspn(value, "\"'")] = '\0';
        return strdup(value);
    }
    return NULL;
}

char *system_generation(void)
{
    static const char *const keys[] = {"IMAGE_VERSION", "VERSION_ID", "BUILD_ID", "ID"};
    char target[PATH_MAX], *value = NULL;
    ssize_t n = readlink("/run/current-system", target, sizeof(target) - 1);
    if (n > 0) {
        target[n] = '\0';
        return strdup(target);
    }
    for (size_t i = 0; i < ELEMENTSOF(keys) && !value; i++) {
        _cleanup_free_ char *text = NULL;

        if (read_file_at(AT_FDCWD, "/etc/os-release", 65536, &text, NULL) < 0)
            return NULL;
        value = os_release_value(text, keys[i]);
    }
    return value;
}

char *system_boot_id(void)
{
    char text[SD_ID128_STRING_MAX];
    sd_id128_t boot;

    if (sd_id128_get_boot(&boot) < 0)
        return NULL;
    return strdup(sd_id128_to_string(boot, text));
}

char *system_machine(void)
{
    sd_id128_t machine;
    Fingerprint derived;
    Sha256 sha;

    if (sd_id128_get_machine(&machine) < 0)
        return NULL;
    /* sd_id128_get_machine_app_specific() needs AF_ALG before systemd 248. */
    fingerprint_begin(&sha);
    fingerprint_add_string(&sha, "systemd-migrate");
    fingerprint_add(&sha, &machine, sizeof(machine));
    derived = fingerprint_end(&sha);
    return strndup(derived.hex, 32);
}
