/*
 * Times programs from their start to their first line, in turns:
 *
 *     first ROUNDS PROGRAM... -- ARGUMENT...
 *
 * Prints per round and program: its path, and nanoseconds, separated by a tab. The programs
 * get the same arguments.
 */
#define _GNU_SOURCE
#include "common.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int64_t time_to_first_line(char *program, char **arguments)
{
    posix_spawn_file_actions_t actions;
    int ends[2];
    char byte;
    pid_t child;
    int status = 0;

    if (pipe(ends) != 0)
        fail("no pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    arguments[0] = program;

    int64_t begin = now(CLOCK_MONOTONIC);
    if (posix_spawn(&child, program, &actions, NULL, arguments, environ) != 0)
        fail(program);
    close(ends[1]);
    ssize_t count = read(ends[0], &byte, 1);
    int64_t took = now(CLOCK_MONOTONIC) - begin;

    waitpid(child, &status, 0);
    close(ends[0]);
    posix_spawn_file_actions_destroy(&actions);
    if (count != 1 || status != 0)
        fail(program);
    return took;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 0;
    int count = 0;

    while (2 + count < argc && strcmp(argv[2 + count], "--") != 0)
        count++;
    if (rounds < 1 || count == 0 || 2 + count == argc)
        fail("usage: first ROUNDS PROGRAM... -- ARGUMENT...");
    /* The "--" becomes the place for the program's own name. */
    char **programs = argv + 2;
    char **arguments = programs + count;

    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < count; i++) {
            char *program = programs[(round + i) % count];
            printf("%s\t%lld\n", program, (long long)time_to_first_line(program, arguments));
        }
    return 0;
}
