/* Users: dual ids, history below the floor. */
#ifndef TABLE_USERS_H
#define TABLE_USERS_H

#include "table/description.h"

extern const struct table table_users;

#endif
