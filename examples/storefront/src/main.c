/* Prints the price list, or what a basket costs:  storefront CATALOGUE [NAME COUNT]... */
#include <stdio.h>
#include <stdlib.h>

#include "catalogue.h"

static int print_list(const struct catalogue *catalogue) {
    char amount[32];
    for (int i = 0; i < catalogue->count; i++) {
        cents_format(catalogue->goods[i].price, amount, sizeof amount);
        printf("%-20s %10s\n", catalogue->goods[i].name, amount);
    }
    return 0;
}

static int print_total(const struct catalogue *catalogue, char **basket, int words) {
    cents total = 0;
    char amount[32];
    for (int i = 0; i + 1 < words; i += 2) {
        const struct good *good = catalogue_find(catalogue, basket[i]);
        char *end;
        long count = strtol(basket[i + 1], &end, 10);
        if (good == NULL || *end != '\0' || count < 1 || count > 1000) {
            fprintf(stderr, "storefront: cannot sell %s x %s\n", basket[i + 1], basket[i]);
            return 1;
        }
        total += good->price * count;
    }
    cents_format(total, amount, sizeof amount);
    printf("%s\n", amount);
    return 0;
}

int main(int argc, char **argv) {
    struct catalogue catalogue;
    int bad;
    if (argc < 2 || argc % 2 != 0) {
        fprintf(stderr, "usage: storefront CATALOGUE [NAME COUNT]...\n");
        return 2;
    }
    bad = catalogue_read(argv[1], &catalogue);
    if (bad != 0) {
        fprintf(stderr, "storefront: %s: line %d is not \"name;price\"\n", argv[1], bad);
        return 1;
    }
    return argc == 2 ? print_list(&catalogue) : print_total(&catalogue, argv + 2, argc - 2);
}
