/* SPDX-License-Identifier: MIT */
/* Runs the threads that copy entries while the caller's thread walks the original. Only the walk's
 * thread calls these functions. Private to lib/tree. */
#pragma once

#include "tree/copy.h"
#include "tree/walk.h"

#include <pthread.h>

#define POOL_MAX_THREADS 8

typedef struct Job Job;
typedef struct Pool Pool;

typedef struct Worker {
    Pool *pool;
    Scratch *scratch;
    pthread_t thread;
} Worker;

struct Pool {
    Copy copy;
    const CloneOptions *options;
    uint64_t reported;
    Worker workers[POOL_MAX_THREADS];
    unsigned n_workers;

    pthread_mutex_t lock; /* protects everything below, and pending, jobs and left of every Dir */
    pthread_cond_t work;  /* workers wait for this until there is a job */
    pthread_cond_t moved; /* the walk waits for this until there is progress */
    enum { AWAKE, WAITS_FOR_ROOM, WAITS_FOR_ANYTHING } walker;
    Job *first, **last;
    unsigned queued, workers_waiting, open_dirs;
    bool no_more;
    int result; /* result of the first failure; a failure ends all threads */
    char *what;
};

int pool_start(Pool *pool, const CloneOptions *options) _must_check_;
/* Ends all threads and completes the root (may be NULL). r is the result of the walk. If r is not
 * 0, drops queued entries, and takes r and what as pool->result and pool->what unless a worker has
 * failed before. Owns what afterwards. Returns pool->result. */
int pool_finish(Pool *pool, Dir *root, Scratch *scratch, int r, char *what) _must_check_;

/* Queues an entry. dir stays open and gets its attributes only after all its entries are copied. */
int pool_add(Pool *pool, Dir *dir, const char *name, const struct statx *st,
             CopyFlags flags) _must_check_;
/* Waits until *count, a member of a Dir, is not above most. Returns 0 or pool->result. */
int pool_wait_until(Pool *pool, const unsigned *count, unsigned most) _must_check_;
/* Waits until fewer directories than the limit are open, and counts one more. */
int pool_open_dir(Pool *pool) _must_check_;
void pool_close_dir(Pool *pool);
/* Record that the walk has entered dir, or has left dir for good. A directory is complete when all
 * its entries are complete, the root in pool_finish(). */
void pool_enter_dir(Pool *pool, Dir *dir);
void pool_leave_dir(Pool *pool, Dir *dir, Scratch *scratch);

/* Calls the progress callback if the last call was long enough ago. */
void pool_report(Pool *pool);
