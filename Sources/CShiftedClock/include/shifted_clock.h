/// Preloaded (LD_PRELOAD) into a program under test, its wall clock is off by MUSTER_CLOCK_OFFSET seconds; timers are not touched.
#ifndef MUSTER_SHIFTED_CLOCK_H
#define MUSTER_SHIFTED_CLOCK_H

#define MUSTER_CLOCK_OFFSET "MUSTER_CLOCK_OFFSET"

#endif
