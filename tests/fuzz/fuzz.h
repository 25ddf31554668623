/* SPDX-License-Identifier: MIT */
/* Shared by the fuzz targets: a directory to write inputs to, and the parts of an input.
 * With clang's libFuzzer (tests/fuzz/fuzz) a target looks for trouble; without, replay.c replays
 * the files of a directory and prints TAP. */
#pragma once

#include "basic/util.h"

#include <fcntl.h>
#include <sys/stat.h>

/* A target's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A directory in memory, which is removed at exit. */
extern const char *fuzz_path;
extern int fuzz_fd;
void fuzz_enter(void);
/* Removes all that is in a directory. */
void fuzz_clear(int dir_fd);
/* Makes one and what lies above it; the caller closes it. */
int fuzz_mkdir(const char *path);
void fuzz_write(int dir_fd, const char *name, const char *data, size_t size);

/* A part of an input: what follows the line that is its word, up to the next part. data is NULL
 * where that line does not occur. */
typedef struct FuzzPart {
    const char *word, *data;
    size_t size;
} FuzzPart;

/* The first of the parts begins with the input itself. */
void fuzz_split(const uint8_t *data, size_t size, FuzzPart *parts, size_t n_parts);

/* The next line of a part, NULL at its end; zeroes end it too. The caller owns it. */
char *fuzz_line(FuzzPart *part) _must_check_;
