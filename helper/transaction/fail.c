/* SPDX-License-Identifier: MIT */
/* Notes in Transaction.what why a transaction cannot go on. Logs nothing. */
#include "transaction/private.h"

Result transaction_fail_take(Transaction *t, Result result, char *what)
{
    assert(result != RESULT_DONE);
    free(t->what);
    t->what = what ? what : strdup("out of memory");
    return result;
}

Result transaction_check(Transaction *t, int error, const char *doing, const char *what)
{
    if (error >= 0)
        return RESULT_DONE;
    if (error == -ECANCELED)
        return transaction_fail(t, RESULT_FAILED, "interrupted");
    return what ? transaction_fail(t, RESULT_FAILED, "%s %s: %s", doing, what, strerror(-error))
                : transaction_fail(t, RESULT_FAILED, "%s: %s", doing, strerror(-error));
}

Result transaction_check_what(Transaction *t, int error, const char *doing, const char *what)
{
    return error < 0 && error != -ECANCELED && what
               ? transaction_fail(t, RESULT_FAILED, "%s: %s", doing, what)
               : transaction_check(t, error, doing, NULL);
}
