/* SPDX-License-Identifier: MIT */
/* Any bytes that a script prints, and any first line of one: lines are cut, and are made safe for
 * terminals, the journal and STATUS=. */
#include "basic/text.h"
#include "basic/utf8.h"
#include "fuzz.h"
#include "place/command.h"
#include "sandbox/internal.h"

#include <sys/mman.h>

static void check_safe(const char *text)
{
    uint32_t c;

    for (size_t length; *text; text += length) {
        length = utf8_decode(text, &c);
        MUST(length > 0 && !utf8_is_control(c) && !utf8_is_invisible(c));
    }
}

static void take_line(const char *line, void *userdata)
{
    char plain[SANDBOX_LINE_MAX + 1], ascii[64];
    _cleanup_string_ String s = {};
    _cleanup_free_ char *escaped = NULL;

    MUST(strlen(line) <= SANDBOX_LINE_MAX && !strchr(line, '\n'));
    *(size_t *)userdata += strlen(line);
    text_plain(plain, sizeof(plain), line, true);
    check_safe(plain);
    text_plain(ascii, sizeof(ascii), line, false);
    check_safe(ascii);
    for (const char *p = ascii; *p; p++)
        MUST((unsigned char)*p < 0x80);
    string_append_escaped(&s, line, "'\\");
    MUST(string_finish(&s, &escaped) == 0);
    check_safe(escaped);
    MUST(!strchr(escaped, '\''));
}

static void check_streams(const char *data, size_t size)
{
    static Stream lines, collected;
    static char text[TEXT_MAX_BYTES + 1];
    size_t taken = 0, ends = 0;
    const Sandbox sandbox = {.line = take_line, .userdata = &taken};

    lines.used = collected.used = 0;
    collected.text = text;
    for (size_t at = 0, step = 1; at < size; at += step, step = step * 3 % 4093 + 1) {
        stream_take(&sandbox, &lines, data + at, MIN(step, size - at));
        stream_take(&sandbox, &collected, data + at, MIN(step, size - at));
    }
    for (size_t i = 0; i < size; i++)
        ends += data[i] == '\n';
    MUST(taken + lines.used + ends == size);
    MUST(collected.used == MIN(size, (size_t)TEXT_MAX_BYTES));
    MUST(memcmp(text, data, collected.used) == 0);
}

static void check_first_line(const char *data, size_t size)
{
    _cleanup_close_ int fd = memfd_create("script", MFD_CLOEXEC);
    _cleanup_free_ char *interpreter = NULL, *argument = NULL;

    MUST(fd >= 0 && write_all(fd, data, MIN(size, 300U)) == 0);
    interpreter = command_interpreter(fd, &argument);
    MUST(interpreter || !argument);
    MUST(!interpreter || (size > 2 && data[0] == '#' && !strpbrk(interpreter, " \t\n")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_streams((const char *)data, size);
    check_first_line((const char *)data, size);
    return 0;
}
