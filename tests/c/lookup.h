/*
 * A name server of the program's own: the library's lookups come here, because a program's
 * function goes before one of the C library with the same name. "service.test" is 127.0.0.1;
 * no other name exists. So the tests ask no name server.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include <dlfcn.h>
#include <netdb.h>
#include <string.h>

typedef int (*lookup_function)(const char *, const char *, const struct addrinfo *,
                               struct addrinfo **);

/* What else a program wants to happen during a lookup. */
static void (*during_lookup)(void);

#ifdef __cplusplus
extern "C"
#endif
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    lookup_function system_lookup = (lookup_function)dlsym(RTLD_NEXT, "getaddrinfo");

    if (during_lookup != NULL)
        during_lookup();
    if (strcmp(name, "service.test") != 0)
        return EAI_NONAME;
    return system_lookup("127.0.0.1", service, hints, found);
}

#endif
