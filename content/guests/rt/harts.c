#include <rt/harts.h>

bool machine_mode;
