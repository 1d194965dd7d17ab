#include "input/archive_kind.h"

#include "input/file_kind.h"

#include <stdbool.h>
#include <string.h>

/* A header of a tar archive (POSIX pax, "ustar Interchange Format"). */
enum { TAR_HEADER_SIZE = 512, TAR_CHECKSUM_AT = 148, TAR_CHECKSUM_SIZE = 8, TAR_MAGIC_AT = 257 };

static const uint8_t zip_member[] = {'P', 'K', 3, 4};
static const uint8_t zip_end[] = {'P', 'K', 5, 6}; /* it has no member */
static const uint8_t tar_magic[] = {'u', 's', 't', 'a', 'r'};

static bool is_zip(const uint8_t *bytes, size_t length)
{
    const struct file_kind *kind;

    if (length < sizeof zip_member || (memcmp(bytes, zip_member, sizeof zip_member) != 0 &&
                                       memcmp(bytes, zip_end, sizeof zip_end) != 0))
        return false;
    kind = file_kind_recognise(bytes, length);
    return kind == NULL || kind->container == FILE_CONTAINER_ZIP;
}

/* Of the octal digits between blanks; -1 when there are none. */
static long checksum_written(const uint8_t *field)
{
    long sum = -1;

    for (size_t i = 0; i < TAR_CHECKSUM_SIZE; i++) {
        if (field[i] >= '0' && field[i] <= '7')
            sum = (sum < 0 ? 0 : sum) * 8 + (field[i] - '0');
        else if (sum >= 0)
            break;
        else if (field[i] != ' ')
            return -1;
    }
    return sum;
}

/* The field of the checksum itself counts as blanks. */
static long checksum_computed(const uint8_t *header)
{
    long sum = 0;

    for (size_t i = 0; i < TAR_HEADER_SIZE; i++)
        sum += i >= TAR_CHECKSUM_AT && i < TAR_CHECKSUM_AT + TAR_CHECKSUM_SIZE ? ' ' : header[i];
    return sum;
}

/* The oldest ones have no magic. */
static bool is_tar(const uint8_t *bytes, size_t length)
{
    return length >= TAR_HEADER_SIZE &&
           (memcmp(bytes + TAR_MAGIC_AT, tar_magic, sizeof tar_magic) == 0 ||
            (bytes[0] != 0 &&
             checksum_written(bytes + TAR_CHECKSUM_AT) == checksum_computed(bytes)));
}

enum archive_kind archive_kind_detect(const uint8_t *bytes, size_t length)
{
    if (is_zip(bytes, length))
        return ARCHIVE_KIND_ZIP;
    return is_tar(bytes, length) ? ARCHIVE_KIND_TAR : ARCHIVE_KIND_NONE;
}

const char *archive_kind_name(enum archive_kind kind)
{
    return kind == ARCHIVE_KIND_ZIP ? "zip" : "tar";
}
