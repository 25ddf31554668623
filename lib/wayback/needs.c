/* SPDX-License-Identifier: MIT */
/* What a kept script needs besides its own file: the interpreter in its first line. */
#include "wayback/private.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Shells and interpreters of the operating system. A service's own programs are in the same
 * directories. */
static bool is_interpreter(const char *name)
{
    static const char *const names[] = {"sh",     "bash", "dash", "ash",  "ksh",
                                        "zsh",    "env",  "perl", "ruby", "lua",
                                        "python", "awk",  "gawk", "mawk", "php"};

    for (size_t i = 0; i < ELEMENTSOF(names); i++) {
        const char *version = startswith(name, names[i]) ? name + strlen(names[i]) : NULL;

        if (version && !version[strspn(version, "0123456789.")])
            return true;
    }
    return false;
}

static bool is_in(const char *path, const char *const *directories)
{
    for (; *directories; directories++)
        if (startswith(path, *directories))
            return true;
    return false;
}

bool path_is_of_system(const char *root, const char *path)
{
    static const char *const names[] =
        {"/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/run/current-system/sw/bin/", NULL},
                             *const files[] = {"/bin/", "/sbin/", "/usr/", "/nix/store/", NULL};
    _cleanup_free_ char *full = strprintf("%s%s", root ? root : "", path),
                        *real = full ? realpath(full, NULL) : NULL;
    const char *target = real && root && startswith(real, root) ? real + strlen(root) : real;

    return target && is_in(path, names) && is_in(target, files) &&
           is_interpreter(strrchr(path, '/') + 1);
}

/* Returns the program that env would execute, for the caller to free. */
static char *find_program(const char *root, const char *name)
{
    static const char *const directories[] = {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/",
                                              "/usr/bin/",        "/sbin/",          "/bin/"};

    for (size_t i = 0; name[0] != '/' && i < ELEMENTSOF(directories); i++) {
        _cleanup_free_ char *path = strprintf("%s%s%s", root ? root : "", directories[i], name);

        if (path && access(path, X_OK) == 0)
            return strprintf("%s%s", directories[i], name);
    }
    return name[0] == '/' ? strdup(name) : strprintf("/usr/bin/%s", name);
}

char *script_interpreter(const char *root, int dir_fd, const char *name)
{
    _cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char line[256], *rest = line + 2, *word, *path;
    struct stat st;
    ssize_t n;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !(st.st_mode & 0111))
        return NULL;
    n = pread(fd, line, sizeof(line) - 1, 0);
    if (n < 4 || line[0] != '#' || line[1] != '!')
        return NULL;
    line[n] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    while ((word = strsep(&rest, " \t")) && !*word)
        ;
    if (!word || word[0] != '/')
        return NULL;
    path = word;
    if (!endswith(path, "/env"))
        return strdup(path);
    while ((word = strsep(&rest, " \t")) && (!*word || *word == '-' || strchr(word, '=')))
        if (startswith(word, "-S") && word[2]) {
            word += 2;
            break;
        }
    return !word ? strdup(path) : is_interpreter(word) ? NULL : find_program(root, word);
}
