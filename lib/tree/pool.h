/* SPDX-License-Identifier: MIT */
/* The threads that copy entries while the caller's thread walks the original. Private to
 * lib/tree; but for the workers themselves, only the walk's thread calls any of this. */
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

    pthread_mutex_t lock; /* for all that follows, and pending, jobs and left of every Dir */
    pthread_cond_t work;  /* a worker waits for a job */
    pthread_cond_t moved; /* the walk waits until something has changed */
    enum { AWAKE, WAITS_FOR_ROOM, WAITS_FOR_ANYTHING } walker;
    Job *first, **last;
    unsigned queued, workers_waiting, open_dirs;
    bool no_more;
    int result; /* of the first that failed; ends everything */
    char *what;
};

/* Entries not copied yet keep dir open, and its attributes unset. */
int pool_add(Pool *pool, Dir *dir, const char *name, const struct statx *st,
             CopyFlags flags) _must_check_;
/* Waits until none of dir's own entries are queued. */
int pool_wait_for_entries(Pool *pool, Dir *dir) _must_check_;
/* Counts a directory that is about to be opened, once there are few enough. */
int pool_open_dir(Pool *pool) _must_check_;
void pool_close_dir(Pool *pool);
/* The walk has entered dir, whose parent now waits for it. */
void pool_enter_dir(Pool *pool, Dir *dir);
/* The walk will not come back to dir: it is complete with its last entry. The root waits for
 * pool_finish(). */
void pool_leave_dir(Pool *pool, Dir *dir, Scratch *scratch);
/* Waits until everything but the root is complete. */
int pool_drain(Pool *pool, Dir *root) _must_check_;

int pool_start(Pool *pool, const CloneOptions *options) _must_check_;
/* Ends all threads and completes the root (which may be NULL). r is how the walk ended; if that is
 * not 0 the rest is dropped, and what (taken over) becomes the pool's unless a worker failed first.
 * Returns pool->result. */
int pool_finish(Pool *pool, Dir *root, Scratch *scratch, int r, char *what) _must_check_;

/* Calls the progress callback if it is time. */
void pool_report(Pool *pool);
