/*
 * What is to be done with a table beside reading it.
 */
#ifndef SCHEMA_TABLE_ACCESS_H
#define SCHEMA_TABLE_ACCESS_H

enum { ACCESS_INSERT = 1, ACCESS_UPDATE = 2, ACCESS_DELETE = 4 };

#endif
