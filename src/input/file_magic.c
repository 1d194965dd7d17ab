#include "input/file_magic.h"

#include <string.h>

#define EXPORT_HINT "Write its tables as CSV, in UTF-8, with the program that made it."
#define COPY_HINT   "Write the table as CSV: psql -c \"\\copy TABLE to 'NEW' (format csv, header)\""
#define PANDAS_HINT(reader)                                                                        \
    "Convert it: python3 -c \"import pandas; pandas." reader "('FILE').to_csv('NEW', "             \
    "index=False)\""

struct magic {
    size_t offset;
    const char *bytes;
    size_t length;
    struct file_kind kind;
};

#define MAGIC(place, literal, name, hint)                                                          \
    {                                                                                              \
        .offset = (place), .bytes = (literal), .length = sizeof(literal) - 1, .kind = {            \
            name,                                                                                  \
            hint,                                                                                  \
            FILE_CONTAINER_NONE                                                                    \
        }                                                                                          \
    }
#define COMPRESSED(literal, name, program)                                                         \
    {                                                                                              \
        .bytes = (literal), .length = sizeof(literal) - 1, .kind = {                               \
            name,                                                                                  \
            "Decompress it: " program " -dc <FILE >NEW",                                           \
            FILE_CONTAINER_COMPRESSED                                                              \
        }                                                                                          \
    }

static const struct magic binary_kinds[] = {
    COMPRESSED("\x1f\x8b", "gzip data", "gzip"),
    COMPRESSED("\x28\xb5\x2f\xfd", "Zstandard data", "zstd"),
    COMPRESSED("BZh", "bzip2 data", "bzip2"),
    COMPRESSED("\xfd\x37zXZ\0", "xz data", "xz"),
    COMPRESSED("\x04\x22\x4d\x18", "lz4 data", "lz4"),
    COMPRESSED("\x02\x21\x4c\x18", "lz4 data of the old form", "lz4"),
    COMPRESSED("\x5d\0\0", "LZMA data (.lzma)", "xz --format=lzma"),
    COMPRESSED("\x1f\x9d", "compress data (.Z)", "gzip"),
    COMPRESSED("LZIP\x01", "lzip data (.lz)", "lzip"),
    COMPRESSED("\xff\x06\0\0sNaPpY", "Snappy data (.sz)", "snzip"),
    {.offset = 257,
     .bytes = "ustar",
     .length = 5,
     .kind = {"a tar archive", "Unpack it: tar -xf FILE", FILE_CONTAINER_TAR}},
    MAGIC(0, "7z\xbc\xaf\x27\x1c", "a 7-Zip archive (.7z)", "Unpack it: 7z x FILE"),
    MAGIC(0, "Rar!\x1a\x07", "a RAR archive (.rar)", "Unpack it: unrar x FILE"),
    MAGIC(0, "MSCF\0\0\0\0", "a cabinet archive (.cab)", "Unpack it: cabextract FILE"),
    MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
          "an old Excel workbook (.xls) or another old Office document", FILE_KIND_SHEET_HINT),
    MAGIC(0, "PAR1", "a Parquet file", PANDAS_HINT("read_parquet")),
    MAGIC(0, "PARE", "an encrypted Parquet file", EXPORT_HINT),
    MAGIC(0, "ORC", "an ORC file", PANDAS_HINT("read_orc")),
    MAGIC(0, "ARROW1", "an Arrow or Feather file", PANDAS_HINT("read_feather")),
    MAGIC(0, "FEA1", "a Feather file", PANDAS_HINT("read_feather")),
    MAGIC(0, "Obj\x01", "an Avro file", EXPORT_HINT),
    MAGIC(0, "\x89HDF\r\n\x1a\n", "an HDF5 file", PANDAS_HINT("read_hdf")),
    MAGIC(0, "\x80\x04\x95", "a Python pickle", PANDAS_HINT("read_pickle")),
    MAGIC(0, "\x80\x05\x95", "a Python pickle", PANDAS_HINT("read_pickle")),
    MAGIC(0, "\x93NUMPY", "a NumPy array (.npy)", EXPORT_HINT),
    MAGIC(0, "SQLite format 3\0", "an SQLite database",
          "Write each table as CSV: sqlite3 -header -csv FILE 'SELECT * FROM TABLE' >NEW"),
    MAGIC(8, "DUCK", "a DuckDB database",
          "Write each table as CSV: duckdb -csv FILE 'SELECT * FROM TABLE' >NEW"),
    MAGIC(0, "\0\x01\0\0Standard ", "an Access database",
          "Write each table as CSV: mdb-export FILE TABLE >NEW"),
    MAGIC(0, "PGDMP", "a dump of pg_dump's custom form",
          "Restore it into another database, with 'pg_restore -d OTHER FILE'," FILE_KIND_DUMP_HINT),
    MAGIC(0, "PGCOPY\n\xff\r\n\0", "binary data of PostgreSQL's COPY", COPY_HINT),
    MAGIC(0, "\0\x05\x16\x07", "what macOS keeps beside a file (AppleDouble)",
          "It has no rows: leave it out, and name the file itself."),
    MAGIC(0, "\x89PNG\r\n", "an image (PNG)", FILE_KIND_SOURCE_HINT),
    MAGIC(0, "\xff\xd8\xff", "an image (JPEG)", FILE_KIND_SOURCE_HINT),
    MAGIC(0, "GIF8", "an image (GIF)", FILE_KIND_SOURCE_HINT),
    MAGIC(0, "\x7f\x45LF", "a program (ELF)", FILE_KIND_SOURCE_HINT),
    MAGIC(0, "\x85\x01\x0c\x03", "encrypted data (OpenPGP)", "Decrypt it: gpg -d FILE >NEW"),
    MAGIC(0, "\x85\x02\x0c\x03", "encrypted data (OpenPGP)", "Decrypt it: gpg -d FILE >NEW"),
    MAGIC(0, "\x8c\x0d\x04", "encrypted data (OpenPGP)", "Decrypt it: gpg -d FILE >NEW"),
    MAGIC(0, "Salted__", "encrypted data (OpenSSL)",
          "Decrypt it by 'openssl enc -d', with the options that encrypted it."),
};

static const struct magic text_kinds[] = {
    MAGIC(0, "version https://git-lfs.", "a Git LFS pointer, and the file itself is not here",
          "Fetch it: git lfs pull"),
    MAGIC(0, "/annex/objects/", "a git-annex pointer, and the file itself is not here",
          "Fetch it: git annex get FILE"),
    MAGIC(0, "outs:\n- ", "a DVC pointer, and the file itself is not here", "Fetch it: dvc pull"),
    MAGIC(0, "<<<<<<< ", "a file with a merge conflict of Git", "Resolve the conflict first."),
    MAGIC(0, "%PDF-", "a PDF document", FILE_KIND_SOURCE_HINT),
    MAGIC(0, "{\\rtf", "an RTF document", FILE_KIND_SOURCE_HINT),
    MAGIC(0, "-----BEGIN PGP MESSAGE-----", "encrypted data (OpenPGP)",
          "Decrypt it: gpg -d FILE >NEW"),
    MAGIC(0, "age-encryption.org/", "encrypted data (age)", "Decrypt it: age -d FILE >NEW"),
};

static const struct file_kind *find(const struct magic *magic, size_t count, const uint8_t *bytes,
                                    size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (length >= magic[i].offset + magic[i].length &&
            memcmp(bytes + magic[i].offset, magic[i].bytes, magic[i].length) == 0)
            return &magic[i].kind;
    return NULL;
}

const struct file_kind *file_magic_of_binary(const uint8_t *bytes, size_t length)
{
    return find(binary_kinds, sizeof binary_kinds / sizeof *binary_kinds, bytes, length);
}

const struct file_kind *file_magic_of_text(const uint8_t *bytes, size_t length)
{
    return find(text_kinds, sizeof text_kinds / sizeof *text_kinds, bytes, length);
}
