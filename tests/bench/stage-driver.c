/* SPDX-License-Identifier: MIT */
/* stage_clone(), stage_fingerprint() and stage_remove() from a shell: what tests/bench/stage times.
 */
#include "stage.h"

#include <fcntl.h>

static int usage(void)
{
    fputs("usage: stage-driver clone DIRECTORY PARENT NAME [THREADS]\n"
          "       stage-driver fingerprint DIRECTORY\n"
          "       stage-driver remove PARENT NAME\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    _cleanup_free_ char *what = NULL;
    StageOptions options = {.copy_limit = UINT64_MAX};
    StageResult result = {};
    int r;

    if (argc < 3)
        return usage();
    int fd = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        perror(argv[2]);
        return 1;
    }
    if (streq(argv[1], "clone") && argc >= 5) {
        int parent = open(argv[3], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (parent < 0) {
            perror(argv[3]);
            return 1;
        }
        options.threads = argc > 5 ? atoi(argv[5]) : 0;
        r = stage_clone(fd, parent, argv[4], &options, &result, &what);
        printf("%lu entries, %lu bytes, %lu of them copied%s\n", (unsigned long)result.total.files,
               (unsigned long)result.total.bytes, (unsigned long)result.total.copied,
               result.snapshot ? ", by snapshot" : "");
    } else if (streq(argv[1], "fingerprint")) {
        uint64_t fingerprint = 0;

        r = stage_fingerprint(fd, NULL, NULL, &fingerprint);
        printf("%016lx\n", (unsigned long)fingerprint);
    } else if (streq(argv[1], "remove") && argc == 4)
        r = stage_remove(fd, argv[3]);
    else
        return usage();
    if (r != 0)
        fprintf(stderr, "stage-driver: %s%s%s\n", what ?: "", what ? ": " : "",
                r < 0 ? strerror(-r) : "refused");
    return r != 0;
}
