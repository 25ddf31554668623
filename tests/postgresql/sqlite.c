/* SPDX-License-Identifier: MIT */
/* sqlite FILE SQL: as much of SQLite's shell as an application's scripts need, since the root with
 * PostgreSQL has the library alone. Rows on lines, values separated by '|'. */
#include <dlfcn.h>
#include <stdio.h>

static int print_row(void *data, int n, char **values, char **names)
{
    (void)data, (void)names;
    for (int i = 0; i < n; i++)
        printf("%s%s", i > 0 ? "|" : "", values[i] ? values[i] : "");
    putchar('\n');
    return 0;
}

int main(int argc, char **argv)
{
    void *library = dlopen("libsqlite3.so.0", RTLD_NOW), *db = NULL;
    int (*open)(const char *, void **) = library ? dlsym(library, "sqlite3_open") : NULL;
    int (*exec)(void *, const char *, int (*)(void *, int, char **, char **), void *, char **) =
        library ? dlsym(library, "sqlite3_exec") : NULL;
    int (*close)(void *) = library ? dlsym(library, "sqlite3_close") : NULL;
    char *what = NULL;
    int r;

    if (argc != 3 || !open || !exec || !close)
        return 2;
    r = open(argv[1], &db);
    if (r == 0)
        r = exec(db, argv[2], print_row, NULL, &what);
    if (r != 0)
        fprintf(stderr, "%s: %s\n", argv[1], what ? what : "cannot be opened");
    return close(db) != 0 || r != 0;
}
