#include "csv/fingerprint.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

struct fingerprint {
    EVP_MD_CTX *digest;
    uint64_t length;
};

static bool fail(struct error *error)
{
    return error_set(error, ERROR_INTERNAL, "cannot compute SHA-256");
}

bool fingerprint_new(struct fingerprint **fingerprint, struct error *error)
{
    struct fingerprint *created = calloc(1, sizeof *created);

    if (created == NULL)
        return error_memory(error);
    /* Without memory to set itself up the library would crash later. */
    if (OPENSSL_init_crypto(OPENSSL_INIT_ADD_ALL_DIGESTS, NULL) != 1) {
        fingerprint_free(created);
        return fail(error);
    }
    created->digest = EVP_MD_CTX_new();
    if (created->digest == NULL || EVP_DigestInit_ex(created->digest, EVP_sha256(), NULL) != 1) {
        fingerprint_free(created);
        return fail(error);
    }
    *fingerprint = created;
    return true;
}

bool fingerprint_take(struct fingerprint *fingerprint, uint64_t offset, const void *bytes,
                      size_t length, struct error *error)
{
    uint64_t had;

    if (offset > fingerprint->length || fingerprint->length - offset >= length)
        return true;
    had = fingerprint->length - offset;
    if (EVP_DigestUpdate(fingerprint->digest, (const char *)bytes + had, length - (size_t)had) != 1)
        return fail(error);
    fingerprint->length = offset + length;
    return true;
}

uint64_t fingerprint_length(const struct fingerprint *fingerprint)
{
    return fingerprint->length;
}

bool fingerprint_text(const struct fingerprint *fingerprint, char text[FINGERPRINT_TEXT_SIZE])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    bool got = copy != NULL && EVP_MD_CTX_copy_ex(copy, fingerprint->digest) == 1 &&
               EVP_DigestFinal_ex(copy, hash, &size) == 1;

    EVP_MD_CTX_free(copy);
    text[0] = '\0';
    for (unsigned i = 0; got && i < size; i++)
        (void)snprintf(text + (size_t)2 * i, 3, "%02x", hash[i]);
    return got;
}

void fingerprint_free(struct fingerprint *fingerprint)
{
    if (fingerprint == NULL)
        return;
    EVP_MD_CTX_free(fingerprint->digest);
    free(fingerprint);
}
