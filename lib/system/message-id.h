/* SPDX-License-Identifier: MIT */
/* The message ids, one for each event. The catalog explains each; a test compares the two. An id is
 * made once, at random (sd-id128(3)), and never changes. */
#pragma once

/* A migration has started. */
#define MESSAGE_STARTED "f991813ca0624b9d890fa063cd042b6f"
/* The state has been cloned. */
#define MESSAGE_STAGED "7fb77e3aa15c4c668742f0b1b4ce8478"
/* A step of the migration has begun. */
#define MESSAGE_STEP "e8485623dde344c184f05e9ab1f66f99"
/* The migrated clone has become the state. */
#define MESSAGE_SWAPPED "39c5a28d479548f3bfda36c49b6743ab"
/* The migration is done. */
#define MESSAGE_FINISHED "0f1973c158754f2e8d4cc2acea64432f"
/* The migration has failed and the state is unchanged. */
#define MESSAGE_FAILED "899120ba6cfb43feb7731592da565268"
/* The migration has failed and the state needs attention. */
#define MESSAGE_ATTENTION "22b3759890da4cb68bdb5e6aea046636"
/* The migration was interrupted and the state is unchanged. */
#define MESSAGE_INTERRUPTED "6fae2923476b484884a31f612ef67de9"
/* A migration that was cut off was finished or undone. */
#define MESSAGE_RECOVERED "4835d9df77b34cf0abbf67272efe2390"
/* The migration waits for approval. */
#define MESSAGE_APPROVAL "7ad6a952141d489eadf747133949161e"
/* The migration is deferred. */
#define MESSAGE_DEFERRED "118d0a2c3e4449a2a15998fee1f4410e"
/* The migration was refused. */
#define MESSAGE_REFUSED "633e37c5967647f0b2f759a79cf8c32a"
/* The migration cannot run now. */
#define MESSAGE_BUSY "a496aedce1ed48edb5a50e3a7bd850e8"
/* The declaration is invalid. */
#define MESSAGE_INVALID "f9a811d69e6c466db64604783e54fa3e"
/* The installation is fresh, there is no state yet. */
#define MESSAGE_FRESH "740435898b6a4cd39067fb90979a0962"
/* The version of the state was recorded. */
#define MESSAGE_STAMPED "91859023ec9941eea80706b24c0dfbf8"
/* The service has started on its new state. */
#define MESSAGE_CONCLUDED "0df36a180f3347d88b0152e145787bec"
/* A backup has become the state again. */
#define MESSAGE_RESTORED "cb464c3bf11348eaae90643f344c2608"
/* A backup was removed. */
#define MESSAGE_PRUNED "54cee8f87192437493fa6ac5b481981a"
/* A state has another name or directory. */
#define MESSAGE_MOVED "b3f07d84e37e4578bf56fd5eaf16ee8f"
/* The records of a lost state were removed. */
#define MESSAGE_FORGOTTEN "b2c9bbe97bec4919a49c81f27f8e07bd"
/* A rehearsal has ended. */
#define MESSAGE_REHEARSED "3e79a48cb3e04e71a64482d48fad7bd4"
/* A hook after the start has failed. */
#define MESSAGE_POST_FAILED "3501c1f13184449299dea201c1766263"
