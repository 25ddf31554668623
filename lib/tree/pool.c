/* SPDX-License-Identifier: MIT */
/* The queue of entries, and the threads that copy them. */
#include "tree/pool.h"

#include "basic/time.h"
#include "tree/inode.h"

#include <sched.h>

/* The most entries that wait for a worker. Workers wake a waiting walk when the queue is half
 * empty. */
#define QUEUE_LENGTH 256
/* The most directories that are open, each in the original and in the clone: those on the walk's
 * path, and those whose last entries are still being copied. */
#define MAX_OPEN_DIRS (WALK_OPEN_LEVELS + 80)
/* How often a waiting walk checks for cancellation, and how often it reports progress. */
#define POLL_NSEC     20000000
#define PROGRESS_USEC 200000

struct Job {
    Job *next;
    Dir *dir; /* directory of the entry; a reference */
    struct statx st;
    CopyFlags flags;
    char name[];
};

/* Records a failure and ends all threads. The caller holds the lock. */
static void pool_fail(Pool *pool, const Dir *dir, const char *name, const char *problem, int r)
{
    if (pool->result == 0) {
        pool->result = r;
        if (r == -ESTALE)
            problem = "changed while it was copied";
        else if (r == CLONE_OVER_LIMIT)
            problem = "is beyond the copy limit";
        if (r != -ECANCELED)
            pool->what = dir_describe(dir, name, problem ?: "cannot be copied");
    }
    atomic_store(&pool->copy.stop, true);
}

void pool_report(Pool *pool)
{
    CloneProgress progress;
    uint64_t now;

    if (!pool->options->progress)
        return;
    now = time_monotonic();
    if (now - pool->reported < PROGRESS_USEC)
        return;
    pool->reported = now;
    progress = copy_progress(&pool->copy);
    pool->options->progress(&progress, pool->options->userdata);
}

/* Sets the attributes of dir if dir is complete, and then of parents that have become complete. The
 * caller holds the lock, which is released meanwhile. */
static void dir_complete(Pool *pool, Scratch *scratch, Dir *dir)
{
    dir_ref(dir);
    while (dir && dir->left && dir->pending == 0) {
        Dir *parent = dir->parent;
        unsigned inode;
        int r = 0;

        if (!atomic_load(&pool->copy.stop)) {
            pthread_mutex_unlock(&pool->lock);
            scratch->problem = NULL;
            r = inode_flags(dir->fd, &inode);
            if (r >= 0)
                r = copy_attributes(scratch, dir->fd, dir->target_fd, &dir->st, inode,
                                    parent ? NULL : TREE_MARK, 0);
            pthread_mutex_lock(&pool->lock);
        }
        if (r < 0)
            pool_fail(pool, dir, NULL, scratch->problem, r);
        close_early(&dir->fd);
        close_early(&dir->target_fd);
        pool->open_dirs--;
        if (parent) {
            dir_ref(parent);
            parent->pending--;
        }
        dir_unref(dir); /* the reference from pool_leave_dir() */
        dir_unref(dir); /* the reference of this function */
        dir = parent;
    }
    dir_unref(dir);
}

void pool_enter_dir(Pool *pool, Dir *dir)
{
    pthread_mutex_lock(&pool->lock);
    if (dir->parent)
        dir->parent->pending++;
    else
        dir->pending = 1; /* pool_finish() removes this count */
    pthread_mutex_unlock(&pool->lock);
}

void pool_leave_dir(Pool *pool, Dir *dir, Scratch *scratch)
{
    pthread_mutex_lock(&pool->lock);
    dir_ref(dir);
    dir->left = true;
    dir_complete(pool, scratch, dir);
    pthread_mutex_unlock(&pool->lock);
}

static void job_run(Pool *pool, Scratch *scratch, Job *job)
{
    Dir *dir = job->dir;
    int r = -ECANCELED;

    scratch->problem = NULL;
    if (!copy_stopped(&pool->copy)) {
        if (S_ISREG(job->st.stx_mode))
            r = copy_file(scratch, dir->fd, dir->target_fd, job->name, &job->st, job->flags);
        else
            r = copy_special(scratch, dir->fd, dir->target_fd, job->name, &job->st);
    }

    pthread_mutex_lock(&pool->lock);
    if (r != 0)
        pool_fail(pool, dir, job->name, scratch->problem, r);
    dir->jobs--;
    dir->pending--;
    dir_complete(pool, scratch, dir);
    if (pool->walker == WAITS_FOR_ANYTHING ||
        (pool->walker == WAITS_FOR_ROOM && pool->queued <= QUEUE_LENGTH / 2))
        pthread_cond_signal(&pool->moved);
    pthread_mutex_unlock(&pool->lock);
    dir_unref(dir);
    free(job);
}

static void *worker_main(void *userdata)
{
    Worker *worker = userdata;
    Pool *pool = worker->pool;

    for (;;) {
        Job *job;

        pthread_mutex_lock(&pool->lock);
        while (!pool->first && !pool->no_more) {
            pool->workers_waiting++;
            pthread_cond_wait(&pool->work, &pool->lock);
            pool->workers_waiting--;
        }
        job = pool->first;
        if (job) {
            pool->first = job->next;
            if (!pool->first)
                pool->last = &pool->first;
            pool->queued--;
        }
        pthread_mutex_unlock(&pool->lock);
        if (!job)
            return NULL;
        job_run(pool, worker->scratch, job);
    }
}

static unsigned threads_wanted(const CloneOptions *options)
{
    cpu_set_t cpus;

    if (options->threads > 0)
        return MIN(options->threads, POOL_MAX_THREADS);
    if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
        return 1;
    return MIN((unsigned)CPU_COUNT(&cpus), POOL_MAX_THREADS);
}

int pool_start(Pool *pool, const CloneOptions *options)
{
    pthread_condattr_t monotonic;
    sigset_t all, before;
    int r = 0;

    pool->options = options;
    pool->copy.cancel = options->cancel;
    pool->copy.limit = options->copy_limit;
    pool->copy.live = options->live;
    pool->last = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->moved, &monotonic);
    pthread_condattr_destroy(&monotonic);

    /* Only the caller's thread may take signals. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned n = threads_wanted(options); pool->n_workers < n && r == 0;) {
        Worker *worker = &pool->workers[pool->n_workers];

        worker->pool = pool;
        worker->scratch = calloc(1, sizeof(Scratch));
        if (!worker->scratch) {
            r = -ENOMEM;
            break;
        }
        worker->scratch->copy = &pool->copy;
        r = -pthread_create(&worker->thread, NULL, worker_main, worker);
        if (r == 0)
            pool->n_workers++;
        else
            free(worker->scratch);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pool->n_workers > 0 ? 0 : r; /* fewer threads than wanted are slower, but sufficient */
}

int pool_finish(Pool *pool, Dir *root, Scratch *scratch, int r, char *what)
{
    pthread_mutex_lock(&pool->lock);
    if (r != 0) {
        if (pool->result == 0) {
            pool->result = r;
            pool->what = TAKE_PTR(what);
        }
        atomic_store(&pool->copy.stop, true);
    }
    pool->no_more = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->n_workers; i++) {
        pthread_join(pool->workers[i].thread, NULL);
        free(pool->workers[i].scratch);
    }

    pthread_mutex_lock(&pool->lock);
    if (root && root->left) {
        root->pending = 0;
        dir_complete(pool, scratch, root);
    }
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->moved);
    pthread_mutex_destroy(&pool->lock);
    free(what);
    return pool->result;
}

/* --- the walk's side ------------------------------------------------------------------------- */

/* Waits until a worker makes progress, at most POLL_NSEC. The caller holds the lock. Returns the
 * result that ends the walk, or 0. */
static int pool_wait(Pool *pool, bool for_room)
{
    struct timespec until;

    pool->walker = for_room ? WAITS_FOR_ROOM : WAITS_FOR_ANYTHING;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += POLL_NSEC;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&pool->moved, &pool->lock, &until);
    pool->walker = AWAKE;
    if (pool->copy.cancel && *pool->copy.cancel)
        pool_fail(pool, NULL, NULL, NULL, -ECANCELED);

    pthread_mutex_unlock(&pool->lock);
    pool_report(pool);
    pthread_mutex_lock(&pool->lock);
    return pool->result;
}

int pool_add(Pool *pool, Dir *dir, const char *name, const struct statx *st, CopyFlags flags)
{
    Job *job = malloc(sizeof(Job) + strlen(name) + 1);
    int r;

    if (!job)
        return -ENOMEM;
    *job = (Job){.dir = dir_ref(dir), .st = *st, .flags = flags};
    strcpy(job->name, name);

    pthread_mutex_lock(&pool->lock);
    r = pool->result;
    while (r == 0 && pool->queued >= QUEUE_LENGTH)
        r = pool_wait(pool, true);
    if (r == 0) {
        dir->jobs++;
        dir->pending++;
        *pool->last = job;
        pool->last = &job->next;
        pool->queued++;
        if (pool->workers_waiting > 0)
            pthread_cond_signal(&pool->work);
    }
    pthread_mutex_unlock(&pool->lock);
    if (r != 0) {
        dir_unref(dir);
        free(job);
    }
    return r;
}

int pool_wait_until(Pool *pool, const unsigned *count, unsigned most)
{
    int r;

    pthread_mutex_lock(&pool->lock);
    r = pool->result;
    while (r == 0 && *count > most)
        r = pool_wait(pool, false);
    pthread_mutex_unlock(&pool->lock);
    return r;
}

int pool_open_dir(Pool *pool)
{
    int r;

    pthread_mutex_lock(&pool->lock);
    r = pool->result;
    while (r == 0 && pool->open_dirs >= MAX_OPEN_DIRS)
        r = pool_wait(pool, false);
    if (r == 0)
        pool->open_dirs++;
    pthread_mutex_unlock(&pool->lock);
    return r;
}

void pool_close_dir(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->open_dirs--;
    pthread_mutex_unlock(&pool->lock);
}
