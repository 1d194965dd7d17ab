/* The functions below are deprecated for those of EVP. These set the whole library up, and crash it
 * when memory runs out meanwhile; those below allocate nothing and cannot fail. */
#define OPENSSL_API_COMPAT 10101

#include "input/fingerprint.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

struct fingerprint {
    SHA256_CTX digest;
    uint64_t length;
};

bool fingerprint_new(struct fingerprint **fingerprint, struct error *error)
{
    struct fingerprint *created = calloc(1, sizeof *created);

    if (created == NULL)
        return error_memory(error);
    (void)SHA256_Init(&created->digest);
    *fingerprint = created;
    return true;
}

void fingerprint_take(struct fingerprint *fingerprint, uint64_t offset, const void *bytes,
                      size_t length)
{
    uint64_t had;

    if (offset > fingerprint->length || fingerprint->length - offset >= length)
        return;
    had = fingerprint->length - offset;
    (void)SHA256_Update(&fingerprint->digest, (const char *)bytes + had, length - (size_t)had);
    fingerprint->length = offset + length;
}

uint64_t fingerprint_length(const struct fingerprint *fingerprint)
{
    return fingerprint->length;
}

void fingerprint_text(const struct fingerprint *fingerprint, char text[FINGERPRINT_TEXT_SIZE])
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256_CTX copy = fingerprint->digest;

    (void)SHA256_Final(hash, &copy);
    for (size_t i = 0; i < sizeof hash; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
}

void fingerprint_free(struct fingerprint *fingerprint)
{
    free(fingerprint);
}
