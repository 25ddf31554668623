/* SPDX-License-Identifier: MIT */
/* Replaces libFuzzer: gives every file of a corpus to the target, once. */
#include "fuzz.h"

static void replay(int dir_fd, const char *name, int number)
{
    _cleanup_free_ char *data = NULL;
    size_t size = 0;

    MUST(read_file_at(dir_fd, name, 16U << 20, &data, &size) == 0);
    LLVMFuzzerTestOneInput((const uint8_t *)data, size);
    printf("ok %d - the input %s breaks no rule\n", number, name);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct dirent **names = NULL;
    int n = argc == 2 ? scandir(argv[1], &names, NULL, alphasort) : -1, played = 0;
    int dir_fd = n >= 0 ? open(argv[1], O_DIRECTORY | O_CLOEXEC) : -1;

    if (dir_fd < 0) {
        fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
        return 2;
    }
    for (int i = 0; i < n; i++) {
        if (names[i]->d_name[0] != '.')
            replay(dir_fd, names[i]->d_name, ++played);
        free(names[i]);
    }
    free(names);
    close(dir_fd);
    printf("1..%d\n", played);
    return EXIT_SUCCESS;
}
