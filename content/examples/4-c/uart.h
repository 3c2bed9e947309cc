#pragma once

/* The console, without a library. */
void put_text(const char *text);
void put_number(unsigned long number);
