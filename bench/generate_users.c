#include "generate_users.h"

#include "generate_random.h"
#include "generate_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELD_SIZE = 160 };

static const char *const first_names[] = {
    "Aurelin",  "Bryndal", "Čestomil", "D'Anwen",  "Élodine", "Faroun",       "Gwendor",
    "Håvalda",  "Isolyn",  "Jørund",   "Kasimira", "Łuciann", "Mirabeth",     "Niñola",
    "Océandra", "Pellam",  "Quillon",  "Rósalind", "Sørina",  "Tamsyl",       "Ülvar",
    "Vendla",   "Wystan",  "Ximeno",   "Yrsolde",  "Žofin",   "Berra \"Bo\"", "Anna-Mirel",
};

static const char *const last_names[] = {
    "Abernook",        "O'Tarrow",
    "Brackwater",      "d'Oloron",
    "Eskildal",        "Fennimarsh",
    "Grüntal",         "Hollowell",
    "Iversund",        "Jandovský",
    "Kettlewick",      "L'Ombrelle",
    "Mossgarth",       "Nyströmer",
    "Østergård",       "Peverin",
    "Quenneville-Roy", "Rowanhurst",
    "Şahinel",         "Thistlewood",
    "Umbridor",        "van der Vlier",
    "Wąsowicka",       "Yarrowby",
    "Zaldívar",        "Smith \"Junior\" Oakes",
    "Tarn, Jr.",
};

static const char *const cities[] = {
    "Saint-Orvé",  "Kéldby",       "L'Aubraie", "Nørrevik",       "Port Sallow",   "Grünwies",
    "Três Fontes", "Upper Tarn",   "Łęczyn",    "Bad Elster-Süd", "San Íñigo",     "Ashcombe Regis",
    "Coldharbour", "Vieux-Moulin", "Ørnefjell", "St. Osyth's",    "Kirkby, Lower", "Zlatá Lhota",
};

static const char *const countries[] = {
    "Nordmark", "Isle of Tarn", "Côte des Ormes", "Österland", "Saint Osyth, Kirkby and Tarn",
    "Velmora",  "São Aurélio",  "Ruthenmark",
};

static void write_name_and_password(struct writer *writer, struct random *random)
{
    char password[] = "fake-............";

    writer_text(writer, RANDOM_TEXT(random, first_names));
    writer_text(writer, RANDOM_TEXT(random, last_names));
    for (char *letter = strchr(password, '.'); *letter != '\0'; letter++)
        *letter = (char)(' ' + random_below(random, '~' - ' ' + 1));
    writer_text(writer, password);
}

/* Puts the unpadded Base64 of random bytes at text; the last digit has its unused bits cleared. */
static char *put_base64(char *text, size_t digits, uint32_t last_mask, struct random *random)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (; digits > 1; digits--)
        *text++ = alphabet[random_below(random, 64)];
    *text++ = alphabet[random_below(random, 64) & last_mask];
    *text = '\0';
    return text;
}

/* The form of argon2id's hashes, but a hash of nothing. */
static void write_hash(struct writer *writer, struct random *random)
{
    char hash[128] = "$argon2id$v=19$m=65536,t=3,p=4$";
    char *end = put_base64(hash + strlen(hash), 22, 0x30, random);

    *end++ = '$';
    (void)put_base64(end, 43, 0x3c, random);
    writer_text(writer, hash);
}

static void write_email(struct writer *writer, uint32_t user_id, struct random *random)
{
    static const char *const words[] = {"maple", "heron", "quartz",  "pebble", "lantern",
                                        "otter", "comet", "juniper", "o'wl",   "sand+shop"};
    static const char *const domains[] = {"example.org", "example.net", "example.com"};
    const char *word = RANDOM_TEXT(random, words);
    const char *domain = RANDOM_TEXT(random, domains);
    char email[FIELD_SIZE];

    (void)snprintf(email, sizeof email, "%s.%u@%s", word, user_id, domain);
    writer_text(writer, email);
}

static void write_phone(struct writer *writer, struct random *random)
{
    static const char *const prefixes[] = {"555-01", "(555)555-01", "+1-555-555-01",
                                           "001.555.555.01"};
    const char *prefix = RANDOM_TEXT(random, prefixes);
    uint32_t line = random_below(random, 100);
    char phone[FIELD_SIZE] = "";

    if (random_below(random, 6) != 0)
        (void)snprintf(phone, sizeof phone, "%s%02u", prefix, line);
    writer_text(writer, phone);
}

static void write_address(struct writer *writer, struct random *random)
{
    static const char *const streets[] = {
        "Heron Row",    "Rue de l'Étang", "Old \"Mill\" Lane", "Ångströmgata",
        "Quarry Steps", "Calle Peñón",    "Tarn Bank, Rear",   "Lindenstraße",
    };
    static const char *const parts[] = {"", "", "", " Apt. 4", " Suite 210", ", 2nd floor", " #7"};
    static const char *const zones[] = {"", "", "", "", "", "", "TN ", "R/"};
    uint32_t number = random_below(random, 998) + 1;
    const char *street = RANDOM_TEXT(random, streets);
    const char *part = RANDOM_TEXT(random, parts);
    const char *zone = RANDOM_TEXT(random, zones);
    uint32_t post_office = random_below(random, 100000);
    char address[FIELD_SIZE];
    char postal_code[FIELD_SIZE];

    (void)snprintf(address, sizeof address, "%u %s%s", number, street, part);
    (void)snprintf(postal_code, sizeof postal_code, "%s%05u", zone, post_office);
    writer_text(writer, address);
    writer_text(writer, RANDOM_TEXT(random, cities));
    writer_text(writer, postal_code);
    writer_text(writer, RANDOM_TEXT(random, countries));
}

static void write_visits(struct writer *writer, struct random *random)
{
    const uint32_t two_years = 731 * 24 * 60 * 60;
    const int64_t first_moment = 1451606400; /* 2016-01-01 00:00:00+00:00 */
    int64_t last_login = first_moment + (int64_t)random_below(random, two_years);

    writer_timestamp(writer, last_login);
    if (random_below(random, 4) == 0)
        writer_text(writer, "");
    else
        writer_timestamp(writer, last_login - (int64_t)random_below(random, 600));
}

static void write_user(struct writer *writer, uint32_t user_id, uint64_t seed)
{
    struct random random = random_start(seed, RANDOM_USER, user_id);

    writer_integer(writer, user_id);
    write_name_and_password(writer, &random);
    write_hash(writer, &random);
    write_email(writer, user_id, &random);
    write_phone(writer, &random);
    write_address(writer, &random);
    write_visits(writer, &random);
    writer_end(writer);
}

void users_write(const char *directory, uint32_t users, uint64_t seed)
{
    struct random random = random_start(seed, RANDOM_USER, 0);
    uint32_t *user_ids = random_permutation(&random, users);
    struct writer *writer =
        writer_open(directory, "users.csv",
                    "user_id,first_name,last_name,password,hashed_password,email_address,"
                    "phone_number,street_address,city,postal_code,country,last_login,"
                    "last_notifications_viewed_at");

    for (uint32_t place = 0; place < users; place++)
        write_user(writer, user_ids[place], seed);
    writer_close(writer);
    free(user_ids);
}
