/* Calls whose answers are known to be the caller's own: the peer refuses with the id that it got. */
#ifndef OWN_H
#define OWN_H

#include <dirent.h>
#include <string.h>

#include "check.h"

/* What a call with this id ends in. `error_code` has room for 65 bytes; NULL if nobody asks. */
static inline contactverify_status call(const contactverify_client *client, const char *id,
                                        char *error_code)
{
    contactverify_request request = CONTACTVERIFY_REQUEST_INIT;
    contactverify_result *result = NULL;

    request.verify_code = "123456";
    request.contact_value = "alice@example.com";
    request.contact_way = CONTACTVERIFY_EMAIL;
    request.customer_id = id;
    contactverify_status status = verify_codes(client, &request, &result);
    if (error_code != NULL)
        snprintf(error_code, 65, "%s", contactverify_result_error_code(result));
    contactverify_result_free(result);
    return status;
}

/* Whether a call gets the answer that was meant for it. Says so if it does not. */
static inline int gets_own(const contactverify_client *client, const char *id)
{
    char error_code[65];
    contactverify_status status = call(client, id, error_code);

    if (status == CONTACTVERIFY_REJECTED && strcmp(error_code, id) == 0)
        return 1;
    fprintf(stderr, "call %s: %s \"%s\"\n", id, contactverify_status_name(status), error_code);
    return 0;
}

/* How many entries a folder has: /proc/self/fd counts descriptors, /proc/self/task threads. */
static inline int count(const char *folder)
{
    int entries = 0;
    DIR *directory = opendir(folder);

    CHECK(directory != NULL);
    while (readdir(directory) != NULL)
        entries++;
    closedir(directory);
    return entries;
}

#endif
