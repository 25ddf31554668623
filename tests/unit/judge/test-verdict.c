/* SPDX-License-Identifier: MIT */
/* From facts to a verdict, its sentence and its commands: a table, without a system. With "-n", the
 * facts are read from the command line, and a row is printed for them. */
#include "judge-fixture.h"

#include "../scratch.h"
#include "../test.h"

typedef struct Row {
    const char *declared, *facts;
    const char *outcome;
    const char *sentence; /* "…": the path of the declaration; NULL: other rows have it */
    const char *command, *then;
    const char *asks; /* the questions that are still open; NULL: none */
} Row;

static const Row rows[] = {
#include "verdicts.h"
};

static char *describe_asks(unsigned asks)
{
    static const char *const names[] = {"freshcheck", "detect", "confirm", "ways",   "fingerprint",
                                        "room",       "use",    "checks",  "written"};
    _cleanup_strv_ char **list = NULL;

    for (size_t i = 0; i < ELEMENTSOF(names); i++)
        if (asks & (1U << i) && strv_append(&list, names[i]) < 0)
            return NULL;
    return strv_join(list, " ");
}

static bool is_said(const char *sentence, const char *wanted)
{
    if (!wanted || !startswith(wanted, "…"))
        return !wanted || streq(sentence, wanted);
    return endswith(sentence, wanted + strlen("…"));
}

static void print_string(const char *key, const char *s)
{
    printf(s ? ", .%s = \"%s\"" : "%.0s", key, s ? s : "");
}

static void check_row(const Row *row, bool print)
{
    _cleanup_(facts_free) Facts facts = {};
    _cleanup_(verdict_free) Verdict verdict = {};
    _cleanup_(words_free) Words words = {};
    _cleanup_free_ char *asks = NULL;
    bool ok;

    judge_facts(&facts, judge_declare(row->declared), row->facts);
    ok = verdict_decide(&facts, &verdict) == 0 && words_find(&facts, &verdict, &words) == 0;
    asks = describe_asks(verdict.asks);
    if (print) {
        printf("    {\"%s\", \"%s\", \"%s\"", row->declared, row->facts,
               outcome_name(verdict.outcome));
        print_string("sentence", words.sentence);
        print_string("command", words.command);
        print_string("then", words.then);
        print_string("asks", isempty(asks) ? NULL : asks);
        puts("},");
        return;
    }
    ok = ok && streq(outcome_name(verdict.outcome), row->outcome) &&
         is_said(words.sentence, row->sentence) && streq_null(words.command, row->command) &&
         streq_null(words.then, row->then) && asks && streq(asks, row->asks ? row->asks : "");
    OK(ok, "with '%s' declared and the facts '%s', the verdict is '%s'", row->declared, row->facts,
       row->outcome);
    if (!ok)
        printf("# got %s, \"%s\", \"%s\", \"%s\", asks \"%s\"\n", outcome_name(verdict.outcome),
               words.sentence ? words.sentence : "", words.command ? words.command : "",
               words.then ? words.then : "", asks ? asks : "");
}

static void check_all_outcomes(void)
{
    for (Outcome outcome = 0; outcome < OUTCOMES; outcome++) {
        bool told = false;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
            told = told || (streq(rows[i].outcome, outcome_name(outcome)) && rows[i].sentence);
        OK(told, "the table of this test has the sentence of the outcome '%s'",
           outcome_name(outcome));
        for (Outcome other = 0; other < outcome; other++)
            if (streq(outcome_name(other), outcome_name(outcome)))
                OK(false, "only one outcome is named '%s'", outcome_name(outcome));
    }
}

/* A declaration that systemd has not read needs a reload first. */
static void check_reload(const char *gate, const char *wanted)
{
    _cleanup_free_ char *text = strprintf("app=1 gate=%s", gate), *reload = NULL;
    _cleanup_(facts_free) Facts facts = {};
    _cleanup_(verdict_free) Verdict verdict = {};
    _cleanup_(words_free) Words words = {};

    judge_facts(&facts, judge_declare("Version=3"), text);
    MUST(verdict_decide(&facts, &verdict) == 0 && words_find(&facts, &verdict, &words) == 0 &&
         words_reload(&facts, &words, &reload) == 0);
    OK(streq_null(reload, wanted), "the sentence for a gate that is %s is right", gate);
    if (wanted)
        OK(streq(words.command, "systemctl daemon-reload") &&
               streq(words.then, "systemctl start app.service"),
           "the commands for a gate that is %s reload systemd, then start the service", gate);
    else
        OK(streq(words.command, "systemctl start app.service") && !words.then,
           "the command for a gate that is %s only starts the service", gate);
}

int main(int argc, char **argv)
{
    if (argc > 1 && streq(argv[1], "-n")) {
        for (int i = 2; i + 1 < argc; i += 2)
            check_row(&(Row){argv[i], argv[i + 1]}, true);
        judge_done();
        return 0;
    }
    MUST(setenv("TZ", "UTC", 1) == 0);
    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        check_row(rows + i, false);
    check_all_outcomes();
    check_reload("loaded", NULL);
    check_reload("missing", "systemd has not read the declaration yet, so nothing guards "
                            "app.service: run systemctl daemon-reload");
    check_reload("other", "systemd has not read this declaration yet, and guards app.service as an "
                          "earlier one says: run systemctl daemon-reload");
    check_reload("left", "systemd has not read yet that no Version= is declared any more, and "
                         "still guards app.service: run systemctl daemon-reload");
    judge_done();
    return tests_done();
}
