/* SPDX-License-Identifier: MIT */
/* A state with its clone, and a run with its output. */
#include "sandbox/sandbox-fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

char *base;
char *state, *clone_at;
String printed;
char *what;
int status;
double seconds;

static void take_line(const char *line, void *unused)
{
    string_appendf(&printed, "%s\n", line);
}

const char *in(const char *directory, const char *name)
{
    static char *paths[256];
    static size_t next;
    char **path = &paths[next++ % ELEMENTSOF(paths)];

    if (strreplacef(path, "%s/%s", directory, name) < 0)
        abort();
    return *path;
}

void write_file(const char *path, const char *text)
{
    _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0 || write_all(fd, text, strlen(text)) < 0) {
        printf("Bail out! cannot write %s: %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
}

bool exists(const char *path)
{
    return access(path, F_OK) >= 0;
}

bool said(const char *text)
{
    return printed.text && strstr(printed.text, text);
}

const char *detail(void)
{
    static char text[300];

    snprintf(text, sizeof(text), "%s", what ?: printed.text ?: "nothing printed");
    for (char *p = text; *p; p++)
        if (*p == '\n')
            *p = '|';
    return text;
}

int run_argv(Sandbox *s, char *const *argv, char **text)
{
    static SandboxTree tree;
    static char *environment[] = {"PATH=/run/current-system/sw/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                  "ASAN_OPTIONS=detect_leaks=0", "INSIDE=1", NULL};
    struct timespec from, to;
    int r;

    free(printed.text);
    printed = (String){};
    free(what);
    what = NULL;
    status = -1;

    tree = (SandboxTree){.path = state, .fd = open(clone_at, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!s->trees) {
        s->trees = &tree;
        s->n_trees = 1;
    }
    s->user = s->user ?: "root";
    s->environment = s->environment ?: environment;
    s->timeout_usec = s->timeout_usec ?: 20 * UINT64_C(1000000);
    s->line = take_line;
    clock_gettime(CLOCK_MONOTONIC, &from);
    r = sandbox_run(s, argv, text, &status, &what);
    clock_gettime(CLOCK_MONOTONIC, &to);
    seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    close(tree.fd);
    return r;
}

static void copy_self(const char *to)
{
    _cleanup_free_ char *data = NULL;
    _cleanup_close_ int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    size_t size;

    if (fd < 0 || read_file_at(AT_FDCWD, "/proc/self/exe", 1 << 30, &data, &size) < 0 ||
        write_all(fd, data, size) < 0)
        abort();
}

void fixture_unshare(void)
{
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0) {
        printf("Bail out! cannot make a mount namespace: %s\n", strerror(errno));
        exit(EXIT_FAILURE);
    }
}

void fixture_make(void)
{
    base = strdup("/var/lib/sandbox-test.XXXXXX");
    if (!base || !mkdtemp(base)) {
        printf("Bail out! cannot make a directory: %s\n", strerror(errno));
        exit(EXIT_FAILURE);
    }
    chmod(base, 0755);
    /* With characters that are special in options of overlayfs and of mounts. */
    state = strprintf("%s/st:a,t\\e %%", base);
    clone_at = strprintf("%s/clone", base);
    if (!state || !clone_at)
        abort();
    mkdir(state, 0755);
    mkdir(clone_at, 0755);
    mkdir(in(base, "neighbour"), 0755);
    mkdir(in(base, "hidden"), 0755);
    write_file(in(base, "neighbour/file"), "neighbour");
    write_file(in(base, "hidden/file"), "hidden");
    write_file(in(state, "file"), "original");
    write_file(in(clone_at, "file"), "clone");
    chmod(in(base, "neighbour/file"), 0666);
    chmod(in(clone_at, "file"), 0666);
    chmod(clone_at, 0777);
    copy_self(in(clone_at, "probe"));
    copy_self(in(state, "probe"));
}

void fixture_remove(void)
{
    _cleanup_free_ char *command = strprintf("rm -rf -- '%s'", base);

    if (!command || system(command) != 0)
        printf("# left behind: %s\n", base);
    free(base), free(state), free(clone_at), free(what), free(printed.text);
}
