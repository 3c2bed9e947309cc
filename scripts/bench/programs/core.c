/*
 * Integer work of CoreMark's character, our own: a linked list is searched, reversed and sorted, matrices are
 * multiplied, a state machine reads numbers in a text, and a CRC goes over all results. A unit of work is one iteration.
 */
#include "work.h"

static uint16_t crc16(uint16_t crc, uint32_t value)
{
    for (int bit = 0; bit < 32; bit++) {
        uint32_t carry = (value ^ crc) & 1;
        value >>= 1;
        crc >>= 1;
        if (carry)
            crc ^= 0xa001;
    }
    return crc;
}

/* The list. */

#define ITEMS 96

struct item {
    struct item *next;
    int16_t key, payload;
};

static struct item items[ITEMS];

static struct item *make_list(uint64_t seed)
{
    for (int i = 0; i < ITEMS; i++) {
        items[i].next = i + 1 < ITEMS ? &items[i + 1] : 0;
        items[i].key = (int16_t)(mix(seed + i) & 0x3ff);
        items[i].payload = (int16_t)i;
    }
    return items;
}

static struct item *find(struct item *list, int16_t key)
{
    while (list && list->key != key)
        list = list->next;
    return list;
}

static struct item *reverse(struct item *list)
{
    struct item *done = 0;
    while (list) {
        struct item *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}

typedef int order(const struct item *, const struct item *);

static int by_key(const struct item *a, const struct item *b) { return a->key - b->key; }
static int by_payload(const struct item *a, const struct item *b) { return a->payload - b->payload; }

static struct item *merge(struct item *a, struct item *b, order *compare)
{
    struct item *head = 0, **end = &head;
    while (a && b) {
        struct item **first = compare(a, b) <= 0 ? &a : &b;
        *end = *first;
        end = &(*first)->next;
        *first = *end;
    }
    *end = a ? a : b;
    return head;
}

static struct item *sort(struct item *list, int count, order *compare)
{
    if (count < 2) {
        if (list)
            list->next = 0;
        return list;
    }
    struct item *second = list;
    for (int i = 0; i < count / 2; i++)
        second = second->next;
    struct item *sorted = sort(second, count - count / 2, compare);
    return merge(sort(list, count / 2, compare), sorted, compare);
}

static uint16_t list_work(uint64_t seed, uint16_t crc)
{
    struct item *list = make_list(seed);
    for (int i = 0; i < 64; i++) {
        struct item *found = find(list, (int16_t)(mix(seed + i * 3) & 0x3ff));
        crc = crc16(crc, found ? (uint32_t)found->payload : 0xffff);
        list = reverse(list);
    }
    list = sort(list, ITEMS, by_key);
    crc = crc16(crc, (uint32_t)list->payload);
    list = sort(list, ITEMS, by_payload);
    return crc16(crc, (uint32_t)list->key);
}

/* Matrices. */

#define SIZE 12

static int16_t left[SIZE][SIZE], right[SIZE][SIZE];
static int32_t product[SIZE][SIZE];

static void multiply(void)
{
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            int32_t sum = 0;
            for (int k = 0; k < SIZE; k++)
                sum += (int32_t)left[i][k] * right[k][j];
            product[i][j] = sum;
        }
}

static void multiply_bits(void)
{
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            int32_t sum = 0;
            for (int k = 0; k < SIZE; k++) {
                int32_t term = (int32_t)left[i][k] * right[k][j];
                sum += ((term >> 2) & 0xf) * ((term >> 5) & 0x7f);
            }
            product[i][j] = sum;
        }
}

static uint16_t matrix_sum(uint16_t crc)
{
    int32_t sum = 0, before = 0;
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            int32_t value = product[i][j];
            sum += value > before ? 10 : value & 0xff;
            before = value;
        }
    return crc16(crc, (uint32_t)sum);
}

static uint16_t matrix_work(uint64_t seed, uint16_t crc)
{
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            left[i][j] = (int16_t)(mix(seed + i * SIZE + j) & 0xff);
            right[i][j] = (int16_t)(left[i][j] + i - j);
        }
    for (int round = 0; round < 4; round++) {
        multiply();
        crc = matrix_sum(crc);
        multiply_bits();
        crc = matrix_sum(crc);
        right[round][round] += 3;
    }
    return crc;
}

/* The state machine. */

enum state { START, SIGN, INTEGER, FRACTION, EXPONENT, EXPONENT_SIGN, POWER, INVALID, STATES };

static enum state next_state(enum state state, char c)
{
    int digit = c >= '0' && c <= '9';
    switch (state) {
    case START:
        return digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? FRACTION : INVALID;
    case SIGN:
        return digit ? INTEGER : c == '.' ? FRACTION : INVALID;
    case INTEGER:
        return digit ? INTEGER : c == '.' ? FRACTION : INVALID;
    case FRACTION:
        return digit ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : INVALID;
    case EXPONENT:
        return c == '+' || c == '-' ? EXPONENT_SIGN : INVALID;
    case EXPONENT_SIGN:
    case POWER:
        return digit ? POWER : INVALID;
    default:
        return INVALID;
    }
}

static const char text[] = "5012,1.2345e+12,-110.700,+0.64400,5.500e+3,-.123e-2,T0.3e-1F,0F,12.x4,+874,-0.001e+7,1e9,77";

static uint16_t state_work(uint64_t seed, uint16_t crc)
{
    uint32_t ends[STATES] = { 0 }, steps[STATES] = { 0 };
    for (int round = 0; round < 24; round++) {
        uint32_t spoiled = (uint32_t)(mix(seed + round) % (sizeof text - 1));
        enum state state = START;
        for (uint32_t i = 0; i < sizeof text; i++) {
            char c = i == spoiled ? 'e' : text[i];
            if (c == ',' || c == 0) {
                ends[state]++;
                state = START;
            } else {
                state = next_state(state, c);
                steps[state]++;
            }
        }
    }
    for (int i = 0; i < STATES; i++)
        crc = crc16(crc, ends[i] << 16 ^ steps[i]);
    return crc;
}

uint64_t work(uint64_t amount)
{
    uint16_t crc = 0;
    for (uint64_t i = 0; i < amount; i++) {
        crc = list_work(i, crc);
        crc = matrix_work(i, crc);
        crc = state_work(i, crc);
    }
    return crc;
}
