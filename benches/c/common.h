/*
 * What the programs of the bench share: arguments, the clock, medians, and the request.
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef COMMON_H
#define COMMON_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The request, the same from everybody. The token's length comes from the command line. */
#define VERIFY_PATH "/v2/servicerequest/verifycodes"
#define VERIFY_CODE "123456"
#define CONTACT_VALUE "alice@example.com"
#define CONTACT_WAY 1
#define USER_AGENT "contactverify/0.1.0"
#define TIMEOUT_MS 10000
/* Real ones have one to five thousand characters. */
#define TOKEN_LENGTH 1024

struct arguments {
    const char *endpoint;
    const char *ca_file; /* NULL: the system's trust store */
    char *token;
    int rounds;
    int calls;
    int threads;
};

static inline void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static inline void *must(void *pointer)
{
    if (pointer == NULL)
        fail("no memory");
    return pointer;
}

/* A token of `length` characters as they stand in real ones. */
static inline char *token_of(int length)
{
    static const char letters[] = "MIIDkgYJKoZIhvcNAQcCoIIDgzCCA38CAQExDTALBglghkgBZQMEAgEw";
    char *token = must(malloc((size_t)length + 1));

    for (int i = 0; i < length; i++)
        token[i] = letters[i % (int)(sizeof letters - 1)];
    token[length] = '\0';
    return token;
}

static inline struct arguments parse(int count, char **words)
{
    struct arguments arguments = { NULL, NULL, NULL, 1, 1, 1 };
    int token_length = TOKEN_LENGTH;

    for (int i = 1; i + 1 < count; i += 2) {
        const char *name = words[i];
        const char *value = words[i + 1];

        if (strcmp(name, "--endpoint") == 0)
            arguments.endpoint = value;
        else if (strcmp(name, "--ca-file") == 0)
            arguments.ca_file = value;
        else if (strcmp(name, "--rounds") == 0)
            arguments.rounds = atoi(value);
        else if (strcmp(name, "--calls") == 0)
            arguments.calls = atoi(value);
        else if (strcmp(name, "--threads") == 0)
            arguments.threads = atoi(value);
        else if (strcmp(name, "--token-length") == 0)
            token_length = atoi(value);
        else
            fail(name);
    }
    if (arguments.endpoint == NULL || arguments.rounds < 1 || arguments.calls < 1
        || arguments.threads < 1 || token_length < 1)
        fail("usage: --endpoint URL [--ca-file FILE] [--rounds N] [--calls N] [--threads N] "
             "[--token-length N]");
    arguments.token = token_of(token_length);
    return arguments;
}

/* Nanoseconds of a clock such as CLOCK_MONOTONIC. */
static inline int64_t now(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static inline int ascending(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

static inline void sort(int64_t *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
}

#endif
