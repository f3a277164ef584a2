/* A clock that starts at a given second and goes back one second at each look; loaded before libc.
   The monotonic clock goes on, as it does where an operator or a time server sets a clock back. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static time_t now(void) {
    static time_t looks;
    const char *start = getenv("TEST_CLOCK");
    return (start ? atol(start) : 0) - __atomic_fetch_add(&looks, 1, __ATOMIC_RELAXED);
}

int clock_gettime(clockid_t id, struct timespec *told) {
    static int (*real)(clockid_t, struct timespec *);
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) {
        told->tv_sec = now();
        told->tv_nsec = 0;
        return 0;
    }
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    return real(id, told);
}

int gettimeofday(struct timeval *told, void *zone) {
    told->tv_sec = now();
    told->tv_usec = 0;
    return 0;
}

time_t time(time_t *told) {
    time_t second = now();
    if (told) *told = second;
    return second;
}
