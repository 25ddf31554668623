/* SPDX-License-Identifier: MIT */
/* Handles guests: services that keep a part of their state in the state of another service, the
 * host (Within=). A host stamp counts like the guest's own stamps, and moves with the host's data. */
#include "declare/private.h"

static int link_host(const Declarations *declarations, Declaration *guest, const Item *within)
{
    const Declaration *host = declarations_find(declarations, within->value);
    _cleanup_free_ char *glob = NULL;
    const char *where;
    int r;

    if (!host || !host->enabled || host->stamps.n_items == 0) {
        problem_add(&guest->problems, within->origin,
                    host ? "Within=%s: that declaration has no Version=, so its state is not "
                           "managed: add Version= there"
                         : "Within=%s: there is no declaration of that name: correct it, or add "
                           "the declaration",
                    within->value);
        return 0;
    }
    where = host->stamps.items[0].value; /* the host's primary directory, or its store */
    r = declaration_glob(guest, where, &glob);
    if (r == -E2BIG) {
        problem_add(&guest->problems, within->origin,
                    "Within=%s: its directory %s needs an assertion that is too long for systemd: "
                    "use a shorter path",
                    within->value, where);
        return 0;
    }
    return r < 0 ? r : item_add(&guest->stamps, where, within->origin);
}

int within_link(Declarations *declarations)
{
    int r = 0;

    ITEMS_FOREACH (guest, declarations)
        for (size_t i = 0;
             guest->enabled && guest->version.value && r == 0 && i < guest->within.n_items; i++)
            r = link_host(declarations, guest, guest->within.items + i);
    return r;
}

static bool spread_once(Declarations *declarations)
{
    bool any = false;

    ITEMS_FOREACH (guest, declarations)
        ITEMS_FOREACH (within, &guest->within) {
            const Declaration *host = declarations_find(declarations, within->value);

            if (!guest->enabled || declaration_is_broken(guest) || !host ||
                !declaration_is_broken(host))
                continue;
            problem_add(&guest->problems, within->origin,
                        "Within=%s: that declaration is invalid: fix it first", within->value);
            any = true;
        }
    return any;
}

void within_spread(Declarations *declarations)
{
    while (spread_once(declarations)) /* a guest may itself have guests */
        ;
}

int declarations_guests(const Declarations *declarations, const char *host, const char ***ret,
                        size_t *ret_n)
{
    const char **guests = calloc(declarations->n_items + 1, sizeof(char *));
    size_t n = 0;

    if (!guests)
        return -ENOMEM;
    ITEMS_FOREACH (guest, declarations)
        if (guest->enabled && items_contain(&guest->within, host))
            guests[n++] = guest->name;
    *ret = guests;
    *ret_n = n;
    return 0;
}
