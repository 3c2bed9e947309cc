/* The programs, and the numbers of the tasks that run them. */
#pragma once

enum { HOG = 1, METRONOME, LISTENER, TASKS = 3 };

void hog(void);
void metronome(void);
void listener(void);
