#ifndef STOREFRONT_MONEY_H
#define STOREFRONT_MONEY_H

#include <stddef.h>

/* An amount in cents. */
typedef long long cents;

/* Reads "12.34", "12.3" or "12". Returns 0 and sets *amount, or -1 when the text is no amount. */
int cents_parse(const char *text, cents *amount);

/* Writes "12.34" into buffer, which holds at least 32 bytes. */
void cents_format(cents amount, char *buffer, size_t size);

#endif
