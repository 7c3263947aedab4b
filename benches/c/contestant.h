/*
 * One way to make the call.
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef CONTESTANT_H
#define CONTESTANT_H

#include "common.h"

struct contestant {
    const char *name;
    int shared;     /* any number of threads may use one session at once */
    int speaks_tls;
    /* Prepares what a program would prepare once. Connects nowhere. */
    void *(*open)(const struct arguments *arguments);
    /* Makes one call and reads its answer. 1 only if the code was verified. */
    int (*verify)(void *session);
    void (*close)(void *session);
};

extern const struct contestant raw;
extern const struct contestant curl;
extern const struct contestant library;

#endif
