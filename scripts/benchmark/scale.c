// The measuring side of scripts/bench --only scale: the same operation from several threads at once.
//
//   scale DIR COUNT THREADS   makes, stats (cold dentries) and opens COUNT files, each thread its own in a directory of its own, and prints
//                             "create-rate VALUE" (thousands a second, all threads together) and "create-p99 VALUE" (microseconds), the same
//                             for stat and open. Removes what it made.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM "scale"
#include "measure.h"

enum { BLOCK = 4096 };

static int each;
static char page[BLOCK];
static double *latency;
static pthread_barrier_t together;

static void create_one(const char *path) {
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0644);
    if (fd < 0 || write(fd, page, BLOCK) != BLOCK || close(fd) != 0) {
        die(path);
    }
}

static void stat_one(const char *path) {
    struct stat s;
    if (stat(path, &s) != 0) {
        die(path);
    }
}

static void open_one(const char *path) {
    int fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, page, BLOCK) != BLOCK || close(fd) != 0) {
        die(path);
    }
}

static void remove_one(const char *path) {
    if (unlink(path) != 0) {
        die(path);
    }
}

static void (*operation)(const char *);

static void *work(void *argument) {
    int me = (int)(long)argument;
    char path[64];
    pthread_barrier_wait(&together);
    for (int i = 0; i < each; i++) {
        snprintf(path, sizeof path, "t%d/f%07d", me, i);
        double begun = now();
        operation(path);
        latency[(size_t)me * each + i] = now() - begun;
    }
    return NULL;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void run(const char *name, void (*what)(const char *), int threads) {
    pthread_t *all = calloc((size_t)threads, sizeof *all);
    size_t total = (size_t)threads * each;
    operation = what;
    pthread_barrier_init(&together, NULL, (unsigned)threads + 1);
    for (long t = 0; t < threads; t++) {
        if (all == NULL || pthread_create(&all[t], NULL, work, (void *)t) != 0) {
            die("thread");
        }
    }
    pthread_barrier_wait(&together);
    double begun = now();
    for (int t = 0; t < threads; t++) {
        pthread_join(all[t], NULL);
    }
    double took = now() - begun;
    pthread_barrier_destroy(&together);
    free(all);
    if (name != NULL) {
        qsort(latency, total, sizeof *latency, ascending);
        printf("%s-rate %.4f\n%s-p99 %.2f\n", name, (double)total / took / 1e3, name, latency[total * 99 / 100] * 1e6);
    }
}

int main(int argc, char **argv) {
    if (argc != 4 || chdir(argv[1]) != 0) {
        fprintf(stderr, "usage: scale DIR COUNT THREADS\n");
        return 2;
    }
    int threads = atoi(argv[3]);
    each = atoi(argv[2]) / (threads > 0 ? threads : 1);
    latency = each > 0 ? malloc((size_t)threads * each * sizeof *latency) : NULL;
    if (latency == NULL) {
        die("nothing to do");
    }
    char path[32];
    for (int t = 0; t < threads; t++) {
        snprintf(path, sizeof path, "t%d", t);
        if (mkdir(path, 0755) != 0) {
            die(path);
        }
    }
    run("create", create_one, threads);
    int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);
    if (fd < 0 || write(fd, "2", 1) != 1) {
        die("drop_caches (are you root?)");
    }
    close(fd);
    usleep(300000);
    run("stat", stat_one, threads);
    run("open", open_one, threads);
    run(NULL, remove_one, threads);
    for (int t = 0; t < threads; t++) {
        snprintf(path, sizeof path, "t%d", t);
        rmdir(path);
    }
    return 0;
}
