/* SPDX-License-Identifier: MIT */
/* Notes in Transaction.what why a transaction cannot go on. Logs nothing. */
#include "transaction/private.h"

Result transaction_fail(Transaction *t, char *what, Result result)
{
    assert(result != RESULT_DONE);
    free(t->what);
    t->what = what ? what : strdup("out of memory");
    return result;
}

Result transaction_fail_errno(Transaction *t, const char *doing, const char *what, int error)
{
    assert(error < 0);
    return transaction_fail(t,
                            error == -ECANCELED ? strdup("interrupted")
                            : what ? strprintf("%s %s: %s", doing, what, strerror(-error))
                                   : strprintf("%s: %s", doing, strerror(-error)),
                            RESULT_FAILED);
}

Result transaction_fail_what(Transaction *t, const char *doing, const char *what, int error)
{
    return what && error != -ECANCELED
               ? transaction_fail(t, strprintf("%s: %s", doing, what), RESULT_FAILED)
               : transaction_fail_errno(t, doing, NULL, error);
}
