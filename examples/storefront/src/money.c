#include "money.h"

#include <stdio.h>

#define LARGEST 1000000000000LL

static int digit(char c) { return c >= '0' && c <= '9'; }

int cents_parse(const char *text, cents *amount) {
    cents whole = 0;
    int decimals = 0;
    if (!digit(*text)) return -1;
    for (; digit(*text); text++) {
        whole = whole * 10 + (*text - '0');
        if (whole > LARGEST) return -1;
    }
    if (*text == '.') {
        for (text++; digit(*text) && decimals < 2; text++, decimals++) whole = whole * 10 + (*text - '0');
        if (decimals == 0) return -1;
    }
    if (*text != '\0') return -1;
    for (; decimals < 2; decimals++) whole *= 10;
    *amount = whole;
    return 0;
}

void cents_format(cents amount, char *buffer, size_t size) {
    snprintf(buffer, size, "%lld.%02lld", amount / 100, amount % 100);
}
