/* SPDX-License-Identifier: MIT */
/* The threads that copy entries while the caller's thread walks the original. Only the walk's
 * thread calls these functions. Private to lib/tree. */
#pragma once

#include "tree/clone.h"
#include "tree/copy.h"
#include "tree/walk.h"

#include <pthread.h>
#include <time.h>

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
    struct timespec reported;
    Worker workers[POOL_MAX_THREADS];
    unsigned n_workers;

    pthread_mutex_t lock; /* for everything below, and for pending, jobs and left of every Dir */
    pthread_cond_t work;  /* a worker waits for a job */
    pthread_cond_t moved; /* the walk waits for any progress */
    enum { AWAKE, WAITS_FOR_ROOM, WAITS_FOR_ANYTHING } walker;
    Job *first, **last;
    unsigned queued, workers_waiting, open_dirs;
    bool no_more;
    int result; /* of the first thread that failed; ends everything */
    char *what;
};

/* Queues an entry. dir stays open, without its attributes, until all its entries are copied. */
int pool_add(Pool *pool, Dir *dir, const char *name, const struct statx *st,
             CopyFlags flags) _must_check_;
/* Waits until all entries of dir itself are copied. */
int pool_wait_for_entries(Pool *pool, Dir *dir) _must_check_;
/* Waits until fewer directories are open than the limit, and counts one more. */
int pool_open_dir(Pool *pool) _must_check_;
void pool_close_dir(Pool *pool);
/* The walk has entered dir. Its parent is complete only after it. */
void pool_enter_dir(Pool *pool, Dir *dir);
/* The walk has left dir for good. dir is complete when its last entry is; the root, with
 * pool_finish(). */
void pool_leave_dir(Pool *pool, Dir *dir, Scratch *scratch);
/* Waits until everything but the root is complete. */
int pool_drain(Pool *pool, Dir *root) _must_check_;

int pool_start(Pool *pool, const CloneOptions *options) _must_check_;
/* Ends all threads and completes the root (may be NULL). r is the result of the walk. Unless it is
 * 0, queued entries are dropped, and what (taken over) becomes pool->what if no worker has failed
 * before. Returns pool->result. */
int pool_finish(Pool *pool, Dir *root, Scratch *scratch, int r, char *what) _must_check_;

/* Calls the progress callback if the last call was long enough ago. */
void pool_report(Pool *pool);
