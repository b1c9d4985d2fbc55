#include "catalogue.h"

#include <stdio.h>
#include <string.h>

static int add_line(struct catalogue *catalogue, char *line) {
    struct good *good = &catalogue->goods[catalogue->count];
    char *separator = strchr(line, ';');
    if (separator == NULL || separator == line || separator - line >= NAME_SIZE) return -1;
    if (catalogue->count == MOST_GOODS) return -1;
    *separator = '\0';
    if (cents_parse(separator + 1, &good->price) != 0) return -1;
    memcpy(good->name, line, (size_t)(separator - line) + 1);
    catalogue->count++;
    return 0;
}

int catalogue_read(const char *path, struct catalogue *catalogue) {
    char line[256];
    int number = 0, bad = 0;
    FILE *file = fopen(path, "r");
    catalogue->count = 0;
    if (file == NULL) return 1;
    while (bad == 0 && fgets(line, sizeof line, file) != NULL) {
        number++;
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '\0' || line[0] == '#') continue;
        if (add_line(catalogue, line) != 0) bad = number;
    }
    fclose(file);
    return bad;
}

const struct good *catalogue_find(const struct catalogue *catalogue, const char *name) {
    for (int i = 0; i < catalogue->count; i++)
        if (strcmp(catalogue->goods[i].name, name) == 0) return &catalogue->goods[i];
    return NULL;
}
