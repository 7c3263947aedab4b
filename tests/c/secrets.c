/*
 * Looks for the caller's secrets in all of this process's writable memory: they are there
 * while config and client live, and nowhere once they are freed. Argument 1 is the endpoint, of
 * IAM too, 2 a file with the authority to trust ("" for none), 3 the way to authenticate:
 * "token", "password" or "key".
 *
 * The secrets stand in the program in disguise, and are compared in disguise, so that the
 * search does not find itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

enum { MASK = 0x5a, LONGEST = 64 };

struct secret {
    const char *name;
    size_t length;
    unsigned char disguised[LONGEST];
};

/* Each byte is the real one with MASK: "canary-token-", "917364" and "canary-contact@". The
 * first is the token, the password or the secret key. */
static const struct secret secrets[] = {
    { "token", 13, { '9', ';', '4', ';', '(', '#', 'w', '.', '5', '1', '?', '4', 'w' } },
    { "code", 6, { 'c', 'k', 'm', 'i', 'l', 'n' } },
    { "contact", 15,
      { '9', ';', '4', ';', '(', '#', 'w', '9', '5', '4', '.', ';', '9', '.', 0x1a } },
};

/* Wipes in a way that the compiler may not leave out. */
static void wipe(void *memory, size_t length)
{
    volatile unsigned char *byte = (volatile unsigned char *)memory;

    while (length-- > 0)
        *byte++ = 0;
}

static void reveal(const struct secret *secret, char *text)
{
    for (size_t i = 0; i < secret->length; i++)
        text[i] = (char)(secret->disguised[i] ^ MASK);
    text[secret->length] = '\0';
}

static size_t count_in(const unsigned char *memory, size_t length, const struct secret *secret)
{
    size_t found = 0;

    for (size_t at = 0; at + secret->length <= length; at++) {
        size_t same = 0;
        while (same < secret->length && (memory[at + same] ^ MASK) == secret->disguised[same])
            same++;
        found += same == secret->length;
    }
    return found;
}

/* How often each secret stands in writable memory. */
static void search(size_t *found)
{
    static unsigned char piece[1 << 20];
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY);
    char line[512];

    CHECK(maps != NULL && memory >= 0);
    memset(found, 0, sizeof secrets / sizeof *secrets * sizeof *found);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long begin, end;
        char rights[8];
        if (sscanf(line, "%lx-%lx %7s", &begin, &end, rights) != 3 || rights[1] != 'w')
            continue;
        for (unsigned long at = begin; at < end;) {
            size_t wanted = end - at < sizeof piece ? end - at : sizeof piece;
            /* The search's own copy is a part of writable memory. */
            if ((uintptr_t)piece < at + wanted && at < (uintptr_t)piece + sizeof piece) {
                if (at >= (uintptr_t)piece) {
                    at = (uintptr_t)piece + sizeof piece;
                    continue;
                }
                wanted = (uintptr_t)piece - at;
            }
            ssize_t count = pread(memory, piece, wanted, (off_t)at);
            if (count <= 0)
                break;
            for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
                found[i] += count_in(piece, (size_t)count, &secrets[i]);
            wipe(piece, (size_t)count);
            at += (unsigned long)count;
        }
    }
    close(memory);
    fclose(maps);
}

static contactverify_config *collect(const char *endpoint, const char *ca_file, const char *way)
{
    char secret[LONGEST];
    contactverify_config *config = contactverify_config_new();

    reveal(&secrets[0], secret);
    CHECK(contactverify_config_set_endpoint(config, endpoint) == CONTACTVERIFY_OK);
    CHECK(contactverify_config_set_iam_endpoint(config, endpoint) == CONTACTVERIFY_OK);
    CHECK(contactverify_config_set_ca_file(config, *ca_file ? ca_file : NULL) == CONTACTVERIFY_OK);
    if (strcmp(way, "token") == 0)
        CHECK(contactverify_config_set_auth_token(config, secret) == CONTACTVERIFY_OK);
    else if (strcmp(way, "password") == 0)
        CHECK(contactverify_config_set_iam_password(config, "account", "user", secret)
              == CONTACTVERIFY_OK);
    else
        CHECK(contactverify_config_set_access_key(config, "access-key", secret, NULL)
              == CONTACTVERIFY_OK);
    wipe(secret, sizeof secret);
    return config;
}

static void call(contactverify_client *client)
{
    char code[LONGEST], contact[LONGEST];
    contactverify_request request = CONTACTVERIFY_REQUEST_INIT;
    contactverify_result *result = NULL;

    reveal(&secrets[1], code);
    reveal(&secrets[2], contact);
    request.verify_code = code;
    request.contact_value = contact;
    request.contact_way = CONTACTVERIFY_EMAIL;
    CHECK(verify_codes(client, &request, &result) == CONTACTVERIFY_OK);
    contactverify_result_free(result);
    wipe(code, sizeof code);
    wipe(contact, sizeof contact);
}

int main(int argc, char **argv)
{
    size_t before[3], after[3];

    contactverify_client *client = NULL;

    CHECK(argc == 4);
    contactverify_config *config = collect(argv[1], argv[2], argv[3]);
    CHECK(contactverify_client_new(config, &client, NULL) == CONTACTVERIFY_OK);
    for (int i = 0; i < 3; i++)
        call(client);
    search(before);
    contactverify_config_free(config);
    contactverify_client_free(client);
    search(after);
    for (size_t i = 0; i < 3; i++)
        printf("%s: %zu before, %zu after\n", secrets[i].name, before[i], after[i]);
    for (size_t i = 0; i < 3; i++) {
        CHECK(before[i] > 0);
        CHECK(after[i] == 0);
    }
    return done("secrets");
}
