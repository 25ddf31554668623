/* SPDX-License-Identifier: MIT */
/* The words for declarations that systemd has not read yet. */
#include "judge/words.h"

int words_reload(const Facts *facts, Words *words, char **ret)
{
    const UnitFact *unit = NULL;
    char *sentence;

    *ret = NULL;
    for (size_t i = 0; !unit && i < facts->n_units; i++)
        if (facts->units[i].gate != GATE_UNKNOWN && facts->units[i].gate != GATE_LOADED)
            unit = facts->units + i;
    if (!unit && !facts->left)
        return 0;
    if (!unit)
        sentence = strprintf("systemd has not read yet that %s is not declared any more, and still "
                             "guards it: run systemctl daemon-reload",
                             facts->left);
    else if (unit->gate == GATE_MISSING)
        sentence = strprintf("systemd has not read the declaration yet, so nothing guards %s: run "
                             "systemctl daemon-reload",
                             unit->unit);
    else if (unit->gate == GATE_OTHER)
        sentence = strprintf("systemd has not read this declaration yet, and guards %s as an "
                             "earlier one says: run systemctl daemon-reload",
                             unit->unit);
    else
        sentence = strprintf("systemd has not read yet that no Version= is declared any more, and "
                             "still guards %s: run systemctl daemon-reload",
                             unit->unit);
    if (!sentence)
        return -ENOMEM;
    if (words->command && words->then &&
        strreplacef(&words->then, "%s, then: %s", words->command, words->then) < 0) {
        free(sentence);
        return -ENOMEM;
    }
    if (!words->then)
        words->then = TAKE_PTR(words->command);
    free(words->command);
    words->command = strdup("systemctl daemon-reload");
    *ret = sentence;
    return words->command ? 0 : -ENOMEM;
}
