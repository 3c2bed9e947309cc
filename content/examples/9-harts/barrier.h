/* Where harts wait for each other. */
#pragma once

/* Once on every hart, before the first barrier. */
void barrier_start(void);

/* Returns on all `harts` of them when the last one has come. A hart that waits sleeps. */
void barrier_wait(unsigned long harts);
