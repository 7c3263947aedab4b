/*
 * The limit: a socket that writes the bytes that the library writes and reads the answer to its
 * end. It checks nothing and has no deadline.
 */
#include "contestant.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

struct session {
    int socket;
    struct sockaddr_in address;
    char *request;
    size_t length;
};

static const char body[] = "{\"verify_code\":\"" VERIFY_CODE "\",\"contact_value\":\"" CONTACT_VALUE
                           "\",\"contact_way\":1}";

static void *open_socket(const struct arguments *arguments)
{
    struct session *session = must(calloc(1, sizeof *session));
    size_t room = strlen(arguments->token) + 1024;
    char host[16];
    int port = 0;

    if (sscanf(arguments->endpoint, "http://%15[0-9.]:%d", host, &port) != 2)
        fail("the raw socket needs an address such as http://127.0.0.1:80");
    session->address.sin_family = AF_INET;
    session->address.sin_port = htons((uint16_t)port);
    inet_pton(AF_INET, host, &session->address.sin_addr);
    session->socket = -1;
    session->request = must(malloc(room));
    session->length = (size_t)snprintf(
        session->request, room,
        "POST " VERIFY_PATH " HTTP/1.1\r\ncontent-length: %zu\r\nhost: %s:%d\r\n"
        "user-agent: " USER_AGENT "\r\nx-auth-token: %s\r\naccept: application/json\r\n"
        "content-type: application/json\r\n\r\n%s",
        sizeof body - 1, host, port, arguments->token, body);
    return session;
}

static int connect_now(struct session *session)
{
    int on = 1;

    session->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(session->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return connect(session->socket, (struct sockaddr *)&session->address, sizeof session->address);
}

static int verify(void *data)
{
    struct session *session = data;
    char answer[4096];
    size_t have = 0;

    if (session->socket < 0 && connect_now(session) != 0)
        return 0;
    if (write(session->socket, session->request, session->length) != (ssize_t)session->length)
        return 0;
    for (;;) {
        ssize_t count = read(session->socket, answer + have, sizeof answer - 1 - have);
        if (count <= 0)
            return 0;
        have += (size_t)count;
        answer[have] = '\0';

        const char *end = strstr(answer, "\r\n\r\n");
        const char *length = strstr(answer, "Content-Length: ");
        if (end != NULL && length != NULL) {
            size_t whole = (size_t)(end + 4 - answer) + strtoul(length + 16, NULL, 10);
            if (have >= whole)
                return have == whole;
        }
    }
}

static void close_socket(void *data)
{
    struct session *session = data;

    close(session->socket);
    free(session->request);
    free(session);
}

const struct contestant raw = { "raw socket", 0, 0, open_socket, verify, close_socket };
