/*
 * A password's hash in a text that is to be shown: it is shown to nobody.
 */
#ifndef VALUE_PASSWORD_HASH_H
#define VALUE_PASSWORD_HASH_H

/* Puts "[hash]" in the place of everything in the text that has the form of a hash, $ID$... with
 * ten or more characters behind it (crypt(5)), in whatever case its letters are. */
void password_hash_mask(char *text);

#endif
