/*
 * Follows pointers through CHASE_BYTES of memory, in an order that no prefetcher guesses, a cache line each: a unit of
 * work is 1,000 loads.
 */
#include "work.h"

#define NODES (CHASE_BYTES / 64)

struct node {
    _Alignas(64) struct node *next;
    uint32_t number;
};

static struct node nodes[NODES];

/* One cycle through all nodes: Sattolo's shuffle. */
static void link_nodes(void)
{
    for (uint32_t i = 0; i < NODES; i++)
        nodes[i].number = i;
    for (uint32_t i = NODES - 1; i > 0; i--) {
        uint32_t other = mix(i) % i;
        uint32_t number = nodes[i].number;
        nodes[i].number = nodes[other].number;
        nodes[other].number = number;
    }
    for (uint32_t i = 0; i < NODES; i++)
        nodes[i].next = &nodes[nodes[i].number];
}

uint64_t work(uint64_t amount)
{
    struct node *node = nodes;
    link_nodes();
    for (; amount > 0; amount--)
        for (int i = 0; i < 1000; i++)
            node = node->next;
    return node->number;
}
