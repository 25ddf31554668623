/* SPDX-License-Identifier: MIT */
/* Reads and writes the history. An id begins with the time of its transaction, so ids sort by time. */
#include "store/history.h"

#include "basic/directory.h"
#include "basic/durable.h"

#define HISTORY_SIZE_MAX (64U << 20)

void history_free(History *history)
{
    for (size_t i = 0; i < history->n_items; i++)
        transaction_record_free(history->items + i);
    free(history->items);
    *history = (History){};
}

int history_append(const Store *store, const TransactionRecord *entry)
{
    _cleanup_free_ char *text = NULL;
    int r = transaction_record_text(entry, &text);

    if (r == 0)
        r = strreplacef(&text, "%s\n", text);
    return r < 0 ? r : durable_append(store->fd, RECORD_HISTORY, text);
}

static int add_line(History *history, const char *line, size_t length)
{
    TransactionRecord entry, *added;
    int r = record_parse(&transaction_record_type, line, length, true, &entry);

    if (r < 0)
        return r == -EBADMSG ? 0 : r;
    added = ARRAY_GROW(history->items, history->n_items);
    if (!added) {
        transaction_record_free(&entry);
        return -ENOMEM;
    }
    *added = entry;
    return 0;
}

int history_read(const Store *store, History *ret)
{
    _cleanup_(history_free) History history = {};
    _cleanup_free_ char *text = NULL;
    size_t size = 0, length;
    int r = store->fd < 0 ? -ENOENT
                          : read_file_at(store->fd, RECORD_HISTORY, HISTORY_SIZE_MAX, &text, &size);

    if (r < 0 && r != -ENOENT)
        return r;
    /* Not strchr(): a power cut may leave NUL bytes, which must not hide later lines. */
    for (const char *line = text; size > 0; line += length, size -= length) {
        const char *newline = memchr(line, '\n', size);

        length = newline ? (size_t)(newline - line) + 1 : size;
        r = add_line(&history, line, length);
        if (r < 0)
            return r;
    }
    *ret = TAKE_STRUCT(history);
    return 0;
}

static const char *id_of(const TransactionRecord *entry)
{
    return entry->id ? entry->id : "";
}

/* Inserts an entry before all newer entries. Takes over the fields of entry. */
static int insert(History *history, TransactionRecord *entry)
{
    size_t at = history->n_items;

    for (size_t i = at; i > 0; i--) {
        const char *id = id_of(history->items + i - 1);

        if (id[0] && strcmp(id, id_of(entry)) < 0)
            break;
        if (id[0])
            at = i - 1;
    }
    if (!ARRAY_GROW(history->items, history->n_items))
        return -ENOMEM;
    memmove(history->items + at + 1, history->items + at,
            (history->n_items - 1 - at) * sizeof(TransactionRecord));
    history->items[at] = *entry;
    *entry = (TransactionRecord){};
    return 0;
}

static int add_manifest(const Store *store, const char *id, History *history)
{
    _cleanup_(transaction_record_free) TransactionRecord manifest = {};
    int r = manifest_read(store, id, &manifest);

    if (r != 0)
        return r == -ENOMEM ? r : 0;
    return streq(id_of(&manifest), id) && manifest.result == RESULT_DONE
               ? insert(history, &manifest)
               : 0;
}

int history_complete(const Store *store, History *ret)
{
    _cleanup_(history_free) History history = {};
    _cleanup_strv_ char **ids = NULL;
    int r = history_read(store, &history);

    if (r == 0 && store->fd >= 0 && directory_list(store->fd, "backups", "", &ids) == -ENOMEM)
        r = -ENOMEM;
    STRV_FOREACH (id, ids)
        if (r == 0 && **id != '.' && !history_find(&history, *id))
            r = add_manifest(store, *id, &history);
    if (r < 0)
        return r;
    *ret = TAKE_STRUCT(history);
    return 0;
}

const TransactionRecord *history_find(const History *history, const char *id)
{
    for (size_t i = history->n_items; i > 0; i--)
        if (streq_null(history->items[i - 1].id, id))
            return history->items + i - 1;
    return NULL;
}

const char *history_last_version(const History *history)
{
    for (size_t i = history->n_items; i > 0; i--) {
        const TransactionRecord *entry = history->items + i - 1;

        if (entry->result != RESULT_DONE)
            continue;
        if (entry->action == ACTION_FORGOTTEN)
            return NULL;
        if (entry->to)
            return entry->to;
    }
    return NULL;
}
