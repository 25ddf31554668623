/* SPDX-License-Identifier: MIT */
/* Finds the service that somebody means by a word: a name, or a unit. */
#include "look/names.h"

#include "declare/declaration.h"
#include "store/store.h"
#include "terminal/output.h"

/* Returns the length of word without the type of a unit that a service can have. */
static size_t stem_length(const char *word)
{
    static const char *const types[] = {".service", ".socket", ".timer", ".path"};

    for (size_t i = 0; i < ELEMENTSOF(types); i++)
        if (endswith(word, types[i]))
            return strlen(word) - strlen(types[i]);
    return strlen(word);
}

/* Returns the instance of a unit of ours: "app.service" of "migrate@app.service"; NULL: it is none. */
static const char *own_instance(const char *word)
{
    static const char *const ours[] = {"migrate@", "migrate-post@", "migrate-settle@",
                                       "migrate-rehearse@"};

    for (size_t i = 0; i < ELEMENTSOF(ours); i++)
        if (startswith(word, ours[i]))
            return word + strlen(ours[i]);
    return NULL;
}

static bool is_unit(const char *unit, const char *wanted)
{
    return streq(unit, wanted) ||
           (unit_is_template(unit) && strncmp(unit, wanted, strcspn(unit, "@") + 1) == 0 &&
            streq(strrchr(unit, '.'), strrchr(wanted, '.')));
}

static bool has_unit(const Declaration *declaration, const char *unit)
{
    const char *user;

    ITEMS_FOREACH (item, &declaration->units)
        if (is_unit(item->value, unit))
            return true;
    for (size_t i = 0; (user = declaration_user(declaration, i, NULL)); i++)
        if (is_unit(user, unit))
            return true;
    return false;
}

/* Finds the only declaration with that unit. *ret NULL: there is none. */
static Result find_by_unit(const Declarations *all, const char *unit, const Declaration **ret)
{
    *ret = NULL;
    ITEMS_FOREACH (declaration, all) {
        if (!has_unit(declaration, unit))
            continue;
        if (*ret)
            return fail(RESULT_USAGE, "%s is a unit of %s and of %s: name one of these", unit,
                        (*ret)->name, declaration->name);
        *ret = declaration;
    }
    return RESULT_DONE;
}

/* Are there records of that name, which may be a service that nothing declares any more? */
static bool has_records(const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;

    return declaration_name_is_valid(name) && store_open(options.root, name, false, &store) == 0;
}

static Result resolve(const Declarations *all, const char *word, bool known, char **ret)
{
    const char *instance = own_instance(word);
    size_t length = stem_length(word);
    _cleanup_free_ char *unit = word[length] ? strdup(word) : strprintf("%s.service", word);
    const Declaration *declaration = NULL;
    Result r = RESULT_DONE;

    if (!unit)
        return complain_memory();
    if (declarations_find(all, word))
        length = strlen(word);
    else if (instance) {
        word = instance;
        length = stem_length(word);
    } else if (known && (word[length] || !has_records(word)))
        r = find_by_unit(all, unit, &declaration);
    if (r == RESULT_DONE && known && !instance && word[length] && !declaration) {
        _cleanup_free_ char *stem = strndup(word, length);

        if (!stem)
            return complain_memory();
        if (declarations_find(all, stem))
            return fail(RESULT_USAGE,
                        "%s is not a unit of %s. To see its units, run: migratectl "
                        "status %s",
                        word, stem, stem);
    }
    *ret = r != RESULT_DONE ? NULL
           : declaration    ? strdup(declaration->name)
                            : strndup(word, length);
    if (r != RESULT_DONE)
        return r;
    if (!*ret)
        return complain_memory();
    return declaration_name_is_valid(*ret)
               ? RESULT_DONE
               : fail(RESULT_USAGE, "'%s' is not a valid name of a declaration", word);
}

Result names_resolve(char **words, bool known, char ***ret)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_strv_ char **names = NULL;

    /* Errors are reported by the verb, which reads the declarations again. */
    if (declarations_read(options.root, &declarations) < 0)
        declarations = (Declarations){};
    STRV_FOREACH (word, words) {
        char *name = NULL;
        Result r = resolve(&declarations, *word, known, &name);

        if (r != RESULT_DONE) {
            free(name);
            return r;
        }
        if (strv_consume(&names, name) < 0)
            return complain_memory();
    }
    *ret = TAKE_PTR(names);
    return RESULT_DONE;
}

Result names_or_all(char **names, const char *verb)
{
    if (options.all && *names)
        complain("'%s' takes either names or --all", verb);
    else if (!options.all && !*names)
        complain("'%s' needs a name, or --all for everything that is pending", verb);
    else
        return RESULT_DONE;
    return RESULT_USAGE;
}
