/* SPDX-License-Identifier: MIT */
/* Prints messages, JSON and colours, asks the operator, and runs the pager, like systemctl. */
#include "terminal/output.h"

#include "basic/utf8.h"
#include "terminal/wrap.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

static bool terminal, utf8;
static size_t width;
static pid_t pager;

/* Decides about colours like systemd's programs: by $SYSTEMD_COLORS, then by $NO_COLOR, then by the
 * terminal. */
static bool want_colours(void)
{
    const char *wanted = getenv("SYSTEMD_COLORS"), *term = getenv("TERM");

    if (options.json != JSON_OFF)
        return false;
    if (wanted && *wanted)
        return parse_boolean(wanted) != 0; /* "16", "256" and "24bit" mean yes */
    if (!isempty(getenv("NO_COLOR")))
        return false;
    return terminal && !streq(term ? term : "dumb", "dumb");
}

static size_t terminal_width(int fd)
{
    const char *columns = getenv("COLUMNS");
    unsigned long n = columns ? strtoul(columns, NULL, 10) : 0;
    struct winsize size;

    if (isatty(fd) != 1)
        return 0;
    if (n > 0 && n < 65536)
        return n;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void output_init(void)
{
    setlocale(LC_ALL, "");
    terminal = isatty(STDOUT_FILENO) == 1;
    utf8 = streq(nl_langinfo(CODESET), "UTF-8");
}

const char *colour(Colour which)
{
    static const char *const sequences[] = {
        [COLOUR_NONE] = "\033[0m",        [COLOUR_BOLD] = "\033[0;1m",
        [COLOUR_UNDERLINE] = "\033[0;4m", [COLOUR_DIM] = "\033[0;2m",
        [COLOUR_GREEN] = "\033[0;1;32m",  [COLOUR_YELLOW] = "\033[0;33m",
        [COLOUR_RED] = "\033[0;1;31m",
    };

    return want_colours() ? sequences[which] : "";
}

bool output_is_terminal(void)
{
    return terminal;
}

/* The window may be resized at any time. Behind a pager, the last known width counts. */
size_t output_width(void)
{
    if (pager <= 0)
        width = terminal_width(STDOUT_FILENO);
    return width;
}

size_t output_error_width(void)
{
    return terminal_width(STDERR_FILENO);
}

bool output_is_utf8(void)
{
    return utf8;
}

void print_wrapped(FILE *file, size_t indent, const char *prefix, const char *format, ...)
{
    size_t columns = file == stdout ? output_width() : output_error_width();
    _cleanup_free_ char *text = NULL, *line = NULL;
    va_list ap;

    if (file != stdout)
        fflush(stdout);
    va_start(ap, format);
    if (vasprintf(&text, format, ap) < 0)
        text = NULL;
    va_end(ap);
    line = text ? strprintf("%s%s", prefix, text) : NULL;
    wrap_print(file, columns, indent, line ? line : "out of memory");
    putc('\n', file);
}

const char *field_label(const char *key)
{
    static char label[16];

    snprintf(label, sizeof(label), "%13s%s", key ? key : "", key ? ": " : "  ");
    return label;
}

/* --- questions -------------------------------------------------------------------------------- */

bool ask_is_needed(void)
{
    return !options.yes && isatty(STDIN_FILENO);
}

Result ask_operator(const char *name, const char *question, const char *otherwise)
{
    _cleanup_free_ char *line = NULL;
    size_t size = 0;

    if (options.yes)
        return RESULT_DONE;
    if (!isatty(STDIN_FILENO))
        return fail(RESULT_APPROVAL, "%s: not a terminal, so %s. Use --yes to confirm", name,
                    otherwise);
    wrap_print(stdout, output_width(), 4, question);
    fputs(" [y/N] ", stdout);
    fflush(stdout);
    if (getline(&line, &size, stdin) >= 0) {
        const char *answer = strstrip_in_place(line);

        if (streq(answer, "y") || streq(answer, "Y") || streq(answer, "yes"))
            return RESULT_DONE;
    }
    return fail(RESULT_APPROVAL, "%s: %s", name, otherwise);
}

/* --- JSON ------------------------------------------------------------------------------------- */

void json_add_text(json_object *object, const char *key, const char *value)
{
    json_object_object_add(object, key, value ? json_object_new_string(value) : NULL);
}

void json_add_number(json_object *object, const char *key, int64_t value)
{
    json_object_object_add(object, key, value >= 0 ? json_object_new_int64(value) : NULL);
}

void json_add_boolean(json_object *object, const char *key, bool value)
{
    json_object_object_add(object, key, json_object_new_boolean(value));
}

void json_add_missing(json_object *object, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!json_object_object_get_ex(object, keys[i], NULL))
            json_object_object_add(object, keys[i], NULL);
}

int json_append(json_object *array, json_object *item)
{
    if (item && json_object_array_add(array, item) == 0)
        return 0;
    json_object_put(item);
    return -ENOMEM;
}

/* JSON escapes control characters below 32 only. Texts of users may have others, and characters that
 * change the direction. */
static void print_harmless(const char *text)
{
    for (size_t n; *text; text += MAX(n, 1U)) {
        uint32_t c = 0xfffd; /* for a byte that is not UTF-8 */

        n = utf8_decode(text, &c);
        if (n > 0 && !utf8_is_invisible(c) && (c == '\n' || !utf8_is_control(c)))
            fwrite(text, 1, n, stdout);
        else if (c > 0xffff)
            printf("\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 | (c & 0x3ff));
        else
            printf("\\u%04x", c);
    }
    putchar('\n');
}

void print_json(json_object *object)
{
    int flags = JSON_C_TO_STRING_NOSLASHESCAPE;
    const char *text;

    flags |= options.json == JSON_PRETTY ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
                                         : JSON_C_TO_STRING_PLAIN;
    text = json_object_to_json_string_ext(object, flags);
    print_harmless(text ? text : "null");
}

json_object *record_to_json(const RecordType *type, const void *record)
{
    _cleanup_free_ char *text = NULL;

    return record_text(type, record, &text) == 0 ? json_tokener_parse(text) : NULL;
}

/* --- the pager -------------------------------------------------------------------------------- */

static const char *wanted_pager(void)
{
    static const char *const variables[] = {"SYSTEMD_PAGER", "PAGER"};

    for (size_t i = 0; i < ELEMENTSOF(variables); i++) {
        const char *value = getenv(variables[i]);

        if (value)
            return *value && !streq(value, "cat") ? value : NULL;
    }
    return "less";
}

static _Noreturn void run_pager(int in, const char *wanted)
{
    static const char *const fallbacks[] = {"less", "more", "cat"};
    const char *less = getenv("SYSTEMD_LESS"), *charset = getenv("SYSTEMD_LESSCHARSET");
    const char *secure = getenv("SYSTEMD_PAGERSECURE");
    bool safe = !secure || parse_boolean(secure) != 0;
    bool for_another = !secure && (getenv("SUDO_UID") || getenv("PKEXEC_UID"));
    char *copy = strdup(wanted), *words[16] = {}, *state = NULL;
    size_t n = 0;

    if (dup2(in, STDIN_FILENO) < 0)
        _exit(EXIT_FAILURE);
    close(in);
    setenv("LESS", less ? less : "FRSXMK", 1);
    if (charset || utf8)
        setenv("LESSCHARSET", charset ? charset : "utf-8", 1);
    /* A pager that runs as root must not offer a shell, unless $SYSTEMD_PAGERSECURE=0. Only less
     * has a mode without a shell, so any other pager is ignored for another user (sudo, pkexec). */
    if (safe)
        setenv("LESSSECURE", "1", 1);
    for (char *word = copy ? strtok_r(copy, " \t", &state) : NULL;
         word && n < ELEMENTSOF(words) - 1; word = strtok_r(NULL, " \t", &state))
        words[n++] = word;
    if (n > 0 && !for_another)
        execvp(words[0], words);
    for (size_t i = 0; i < ELEMENTSOF(fallbacks); i++)
        if (!safe || !streq(fallbacks[i], "more"))
            execlp(fallbacks[i], fallbacks[i], (char *)NULL);
    _exit(EXIT_FAILURE);
}

void pager_open(void)
{
    const char *wanted = wanted_pager();
    int fds[2];

    if (!terminal || !wanted || options.no_pager || options.json != JSON_OFF || pager > 0)
        return;
    if (pipe(fds) < 0)
        return; /* output goes on without a pager */
    fflush(stdout);
    pager = fork();
    if (pager == 0) {
        close(fds[1]);
        run_pager(fds[0], wanted);
    }
    close(fds[0]);
    if (pager > 0 && dup2(fds[1], STDOUT_FILENO) >= 0) {
        /* The pager handles Ctrl-C, and may exit before the output ends. */
        signal(SIGINT, SIG_IGN);
        signal(SIGPIPE, SIG_IGN);
    }
    close(fds[1]);
}

void pager_close(void)
{
    fflush(stdout);
    if (pager <= 0)
        return;
    close(STDOUT_FILENO);
    while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
        continue;
    pager = 0;
}
