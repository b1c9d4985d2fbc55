#ifndef STOREFRONT_CATALOGUE_H
#define STOREFRONT_CATALOGUE_H

#include "money.h"

enum { NAME_SIZE = 64, MOST_GOODS = 256 };

struct good {
    char name[NAME_SIZE];
    cents price;
};

struct catalogue {
    struct good goods[MOST_GOODS];
    int count;
};

/* Reads lines "name;price"; blank lines and lines that begin with '#' do not count. Returns 0, or the number of the first bad line. */
int catalogue_read(const char *path, struct catalogue *catalogue);

/* The good called name, or NULL. */
const struct good *catalogue_find(const struct catalogue *catalogue, const char *name);

#endif
