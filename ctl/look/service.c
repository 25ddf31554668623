/* SPDX-License-Identifier: MIT */
/* Reads one service, or several. */
#include "look/service.h"

#include "judge/owner.h"
#include "look/common.h"
#include "store/rehearsal.h"
#include "system/bus.h"
#include "terminal/output.h"

#include <systemd/sd-daemon.h>

int open_below_root(const char *path, int flags)
{
    return open_below(options.root, path, flags);
}

sd_bus *service_bus(void)
{
    sd_bus *bus = NULL;

    if (options.root || sd_booted() <= 0 || bus_open(&bus) < 0)
        return NULL;
    return bus;
}

static void free_words(Service *service)
{
    words_free(&service->words);
    free(TAKE_PTR(service->reload));
    free(TAKE_PTR(service->next));
    free(TAKE_PTR(service->then));
    free(TAKE_PTR(service->rehearsed));
}

void service_free(Service *service)
{
    free_words(service);
    verdict_free(&service->verdict);
    facts_free(&service->facts);
    *service = (Service){.facts.store = STORE_NONE};
}

/* Describes the rehearsal of the pending plan: "rehearsed 2 h ago: passed, 12 s". */
static char *describe_rehearsal(const Service *service)
{
    const Plan *plan = &service->verdict.route.plan;
    _cleanup_(rehearsal_record_free) RehearsalRecord record = {};

    if (service->facts.from || !service->verdict.has_plan ||
        rehearsal_record_read(&service->facts.store, RECORD_REHEARSAL, &record) != 0 ||
        record.verdict == VERDICT_NOTHING)
        return NULL;
    return rehearsal_describe(&record, plan->from, plan->to, &service->facts.fingerprint,
                              time_now());
}

char *service_next(const Service *service)
{
    return words_line(&(Words){.command = service->next, .then = service->then});
}

char *service_next_after(const Service *service, const char *verb)
{
    _cleanup_free_ char *self =
        options.root ? strprintf("migratectl --root=%s %s %s", options.root, verb,
                                 service->declaration->name)
                     : strprintf("migratectl %s %s", verb, service->declaration->name);

    if (self && streq_null(service->next, self))
        return words_line(&(Words){.command = service->then});
    return service_next(service);
}

/* Sets the printed words. words: a second copy of service->words, to which words_reload() adds a
 * reload of systemd if necessary. */
static int set_words(Service *service, Words *words)
{
    /* The command for an invalid declaration reloads systemd itself. */
    int r = service->verdict.outcome == OUTCOME_INVALID
                ? 0
                : words_reload(&service->facts, words, &service->reload);

    if (r < 0)
        return r;
    service->condition = verdict_condition(&service->verdict);
    service->what = service->words.sentence;
    service->next = TAKE_PTR(words->command);
    service->then = TAKE_PTR(words->then);
    service->rehearsed = describe_rehearsal(service);
    return 0;
}

int service_judge(Service *service)
{
    _cleanup_(words_free) Words shown = {};
    int r;

    verdict_free(&service->verdict);
    free_words(service);
    r = verdict_reach(&service->facts, &service->verdict);
    if (r == 0)
        r = words_find(&service->facts, &service->verdict, &service->words);
    if (r == 0)
        r = words_find(&service->facts, &service->verdict, &shown);
    return r == 0 ? set_words(service, &shown) : r;
}

int service_take_refusal(Service *service, Refusal *refusal)
{
    _cleanup_(words_free)
        Words shown = {.command = TAKE_PTR(refusal->command), .then = TAKE_PTR(refusal->then)};

    free_words(service);
    service->words.sentence = TAKE_PTR(refusal->sentence);
    service->verdict.outcome = outcome_find(refusal->verdict);
    return set_words(service, &shown);
}

int service_read_space(Service *service)
{
    int r;

    if (options.root || geteuid() != 0 || !service->verdict.has_plan ||
        service->verdict.route.plan.n_steps == 0)
        return 0;
    r = facts_read_space(&service->facts);
    return r == 0 ? service_judge(service) : r;
}

int service_look(const Declarations *all, const Declaration *declaration, sd_bus *bus,
                 const char *from, Service *ret)
{
    _cleanup_(service_free) Service service = {
        .declaration = declaration,
        .facts = {.root = options.root,
                  .declaration = (Declaration *)declaration, /* this file owns the declaration,
                                                              * and has read it for this purpose */
                  .declarations = all,
                  .from = from,
                  .unprivileged = geteuid() != 0,
                  .store = STORE_NONE}};
    int r = owner_complete(service.facts.declaration, bus);

    if (r == 0)
        r = facts_open_records(&service.facts);
    if (r == 0)
        r = facts_read_directories(&service.facts);
    if (r == 0)
        r = facts_read_former(&service.facts);
    if (r == 0)
        r = facts_read_units(&service.facts, bus);
    facts_read_kernel_command_line(&service.facts);
    if (r == 0)
        r = service_judge(&service);
    /* The last start found that the size of the clone needs an approval (CopyLimit=). */
    if (r == 0 && !from && service.facts.refusal.result == RESULT_APPROVAL)
        r = service_read_space(&service);
    if (r < 0)
        return r;
    *ret = service;
    service = (Service){.facts.store = STORE_NONE};
    return 0;
}

Fingerprint *post_hooks_compare(const Service *service, const char **ret_first)
{
    size_t n = service->facts.post.n_hooks;
    Fingerprint *changed = calloc(n + 1, sizeof(Fingerprint));

    *ret_first = NULL;
    for (size_t i = 0; changed && i < n; i++) {
        const PostHook *hook = service->facts.post.hooks + i;

        if (!hook->argv ||
            post_hook_compare(hook, service->declaration, changed + i) != POST_REFUSED)
            changed[i] = (Fingerprint){};
        else if (!*ret_first)
            *ret_first = hook->argv[0];
    }
    return changed;
}

const char *hook_to_approve(const Service *service)
{
    const char *first;

    free(post_hooks_compare(service, &first));
    return first;
}

int left_gates_find(const Declarations *all, const char *name, char ***list)
{
    _cleanup_strv_ char **units = NULL, **names = NULL;
    int r = options.root ? 0 : gates_read(&units, &names);

    for (size_t i = 0; r == 0 && units && units[i]; i++)
        if (!declarations_find(all, names[i]) && (!name || streq(name, names[i])))
            r = strv_consume(list,
                             strprintf("systemd has not read yet that nothing declares %s any "
                                       "more, and still guards %s: run systemctl "
                                       "daemon-reload",
                                       names[i], units[i]));
    return r;
}

/* --- several services ------------------------------------------------------------------------ */

void looked_free(Looked *looked)
{
    for (size_t i = 0; i < looked->n_services; i++)
        service_free(looked->services + i);
    free(looked->services);
    declarations_free(&looked->declarations);
    strv_free(looked->left);
    sd_bus_flush_close_unref(looked->bus);
}

static Result look_at(Looked *looked, const Declaration *declaration)
{
    Service *service = ARRAY_GROW(looked->services, looked->n_services);

    if (!service)
        return complain_memory();
    if (service_look(&looked->declarations, declaration, looked->bus, NULL, service) < 0) {
        looked->n_services--;
        return complain_memory();
    }
    return RESULT_DONE;
}

Result look(char **names, Looked *looked)
{
    Result result = read_declarations(&looked->declarations), r;

    if (result != RESULT_DONE)
        return result;
    looked->bus = service_bus();
    if (!*names && left_gates_find(&looked->declarations, NULL, &looked->left) < 0)
        return complain_memory();
    STRV_FOREACH (name, names) {
        Declaration *declaration = declarations_find(&looked->declarations, *name);

        r = declaration ? look_at(looked, declaration) : refuse_undeclared(*name);
        if (r == RESULT_FAILED)
            return r;
        result = result ? result : r;
    }
    for (size_t i = 0; !*names && i < looked->declarations.n_items; i++) {
        const Declaration *declaration = looked->declarations.items + i;
        Service *service;

        r = look_at(looked, declaration);
        if (r != RESULT_DONE)
            return r;
        service = looked->services + looked->n_services - 1;
        /* A declaration that has lost its Version= still matters until systemd reloads its
         * units. */
        if (declaration->enabled || options.all || service->reload)
            continue;
        service_free(service);
        looked->n_services--;
        looked->n_inert++;
    }
    return result;
}
