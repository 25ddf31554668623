/* SPDX-License-Identifier: MIT */
/* What a kept program needs besides its own file: the interpreter of a script, the loader and the
 * libraries of a binary. */
#include "wayback/private.h"

#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Shells and interpreters of the operating system; coreutils and busybox are env or sh on some
 * systems. A service's own programs are in the same directories. */
static bool is_interpreter(const char *name)
{
    static const char *const names[] = {"sh",   "bash", "dash", "ash",     "ksh",      "zsh",
                                        "env",  "perl", "ruby", "python",  "awk",      "gawk",
                                        "mawk", "lua",  "php",  "busybox", "coreutils"};

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
                             *const files[] = {"/bin/",      "/sbin/",      "/usr/bin/",
                                               "/usr/sbin/", "/nix/store/", NULL};
    _cleanup_free_ char *full = strprintf("%s%s", root ? root : "", path),
                        *real = full ? realpath(full, NULL) : NULL;
    const char *target = real && root && startswith(real, root) ? real + strlen(root) : real;

    return target && is_in(path, names) && is_in(target, files) &&
           is_interpreter(strrchr(target, '/') + 1);
}

char *script_interpreter(int dir_fd, const char *name, char **ret_command)
{
    _cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char line[256], *rest = line + 2, *word;
    _cleanup_free_ char *path = NULL;
    ssize_t n = fd < 0 ? -1 : pread(fd, line, sizeof(line) - 1, 0);

    if (n < 4 || line[0] != '#' || line[1] != '!')
        return NULL;
    line[n] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    while ((word = strsep(&rest, " \t")) && !*word)
        ;
    if (!word || word[0] != '/')
        return NULL;
    path = strdup(word);
    if (!path || !ret_command || !endswith(path, "/env"))
        return TAKE_PTR(path);
    while ((word = strsep(&rest, " \t")) && (!*word || *word == '-' || strchr(word, '=')))
        ;
    *ret_command = word && !is_interpreter(word) ? strdup(word) : NULL;
    return TAKE_PTR(path);
}

/* --- binaries ------------------------------------------------------------------------------ */

typedef struct Binary {
    const char *data;
    size_t size;
    const char *strings, *runpath;
    const char *origin; /* the directory of the file */
} Binary;

/* Everything in the file is read through this: the file may be damaged. */
static const void *at(const Binary *binary, uint64_t offset, size_t size)
{
    return (size == 1 || offset % 8 == 0) && offset <= binary->size && size <= binary->size - offset
               ? binary->data + offset
               : NULL;
}

static const char *string_at(const Binary *binary, uint64_t offset)
{
    const char *s = at(binary, offset, 1);

    return s && memchr(s, 0, binary->size - (size_t)offset) ? s : NULL;
}

static uint64_t file_offset(const Binary *binary, const Elf64_Phdr *headers, size_t n,
                            uint64_t address)
{
    for (size_t i = 0; i < n; i++)
        if (headers[i].p_type == PT_LOAD && address >= headers[i].p_vaddr &&
            address - headers[i].p_vaddr < headers[i].p_filesz)
            return address - headers[i].p_vaddr + headers[i].p_offset;
    return binary->size;
}

/* Is the library in a directory of a path like that of DT_RUNPATH? */
static bool is_in_path(const Binary *binary, const char *root, const char *path,
                       const char *library)
{
    for (const char *p = path; p && *p; p += strcspn(p, ":"), p += *p == ':') {
        size_t length = strcspn(p, ":");
        bool origin = startswith(p, "$ORIGIN") || startswith(p, "${ORIGIN}");
        size_t skip = !origin ? 0 : strlen(p[1] == '{' ? "${ORIGIN}" : "$ORIGIN");
        _cleanup_free_ char *file = strprintf("%s%s%.*s/%s", root, origin ? binary->origin : "",
                                              (int)(length - skip), p + skip, library);

        if (file && access(file, F_OK) == 0)
            return true;
    }
    return false;
}

/* The usual directories; those of several architectures are below /usr/lib. Any of them counts: a
 * library of another architecture makes the program fail, which changes nothing. */
static bool is_usual(const char *root, const char *library)
{
    _cleanup_free_ char *pattern = strprintf("%s/{lib,usr/lib}{,64,/*}/%s", root, library);
    glob_t found = {};
    bool is = pattern && glob(pattern, GLOB_BRACE, NULL, &found) == 0;

    globfree(&found);
    return is;
}

/* The cache of ldconfig has the names of all libraries in its directories. */
static bool is_in_cache(const char *root, const char *library)
{
    _cleanup_free_ char *path = strprintf("%s/etc/ld.so.cache", root), *cache = NULL;
    _cleanup_free_ char *name = strprintf("/%s", library);
    size_t size;

    return path && name && read_file_at(AT_FDCWD, path, 16U << 20, &cache, &size) == 0 &&
           memmem(cache, size, name, strlen(name) + 1);
}

/* Returns the first library that is not found; the pointer is into the file. */
static const char *find_missing(Binary *binary, const char *root, const Elf64_Phdr *headers,
                                size_t n)
{
    const Elf64_Dyn *dynamic = NULL;
    uint64_t strings = 0;
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        if (headers[i].p_type == PT_DYNAMIC) {
            dynamic = at(binary, headers[i].p_offset, headers[i].p_filesz);
            count = headers[i].p_filesz / sizeof(Elf64_Dyn);
        }
    for (size_t i = 0; dynamic && i < count; i++)
        if (dynamic[i].d_tag == DT_STRTAB)
            strings = file_offset(binary, headers, n, dynamic[i].d_un.d_ptr);
    if (strings == 0)
        return NULL;
    for (int runpaths = 1; runpaths >= 0; runpaths--)
        for (size_t i = 0; i < count && dynamic[i].d_tag != DT_NULL; i++) {
            const char *s = string_at(binary, strings + dynamic[i].d_un.d_val);
            _cleanup_free_ char *full = NULL;

            if (runpaths && (dynamic[i].d_tag == DT_RUNPATH || dynamic[i].d_tag == DT_RPATH))
                binary->runpath = s;
            if (runpaths || dynamic[i].d_tag != DT_NEEDED || isempty(s))
                continue;
            full = strprintf("%s%s", root, s);
            if (s[0] == '/' ? full && access(full, F_OK) < 0
                            : !is_in_path(binary, root, binary->runpath, s) && !is_usual(root, s) &&
                                  !is_in_cache(root, s))
                return s;
        }
    return NULL;
}

/* Returns what a binary of this machine's kind lacks; a sentence, or NULL. Sets binary->runpath. */
static char *binary_lacks(Binary *binary, const char *root)
{
    const Elf64_Ehdr *header = at(binary, 0, sizeof(*header));
    const Elf64_Phdr *headers =
        header && memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
                header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_phentsize == sizeof(*headers)
            ? at(binary, header->e_phoff, header->e_phnum * sizeof(*headers))
            : NULL;
    const char *missing;

    for (size_t i = 0; headers && i < header->e_phnum; i++)
        if (headers[i].p_type == PT_INTERP) {
            const char *loader = string_at(binary, headers[i].p_offset);
            _cleanup_free_ char *path = loader ? strprintf("%s%s", root, loader) : NULL;

            if (path && access(path, X_OK) < 0)
                return strprintf("its loader '%s' is gone", loader);
            missing = find_missing(binary, root, headers, header->e_phnum);
            return missing ? strprintf("its library '%s' is gone", missing) : NULL;
        }
    return NULL;
}

static char *look_at(const char *root, int dir_fd, const char *name, const char *origin,
                     char **ret_runpath)
{
    _cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    Binary binary = {.origin = origin};
    struct stat st;
    char *lacks;
    void *data;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
        return NULL;
    data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return NULL;
    binary.data = data;
    binary.size = (size_t)st.st_size;
    lacks = binary_lacks(&binary, root ? root : "");
    if (ret_runpath)
        *ret_runpath = binary.runpath ? strdup(binary.runpath) : NULL;
    munmap(data, binary.size);
    return lacks;
}

char *program_lacks(const char *root, int dir_fd, const char *name, const char *origin)
{
    return look_at(root, dir_fd, name, origin, NULL);
}

char *program_runpath(const char *path)
{
    char *runpath = NULL;

    free(look_at(NULL, AT_FDCWD, path, "/", &runpath));
    return runpath;
}
