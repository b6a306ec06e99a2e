// The measuring side of scripts/bench: one kind of operation, repeated, in one directory.
//
//   ops DIR COUNT MEGABYTES ROW...   prints "ROW VALUE" for each row, microseconds an operation or GB/s
//   ops --time COMMAND...            prints the milliseconds that a command takes; its output goes nowhere
//
// C, because at a microsecond an operation anything else would measure itself. Rows build on each other in the order of
// ROWS below: "create" makes the files that the others use.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "ops"
#include "measure.h"

extern char **environ;

enum { BLOCK = 4096, MIB = 1 << 20 };

static int count;
static int megabytes;
static char page[BLOCK];
static char *mebibyte;

static const char *name(int i) {
    static char text[32];
    snprintf(text, sizeof text, "f%07d", i);
    return text;
}

// Dentries and inodes of every file system that lets go of them; tmpfs keeps its own. The forgets that this causes are
// given time to drain, so that they do not count against the next row.
static void drop_dentries(void) {
    int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);
    if (fd < 0 || write(fd, "2", 1) != 1) {
        die("drop_caches (are you root?)");
    }
    close(fd);
    usleep(300000);
}

static double create_files(void) {
    double start = now();
    for (int i = 0; i < count; i++) {
        int fd = open(name(i), O_CREAT | O_EXCL | O_WRONLY, 0644);
        if (fd < 0 || write(fd, page, BLOCK) != BLOCK || close(fd) != 0) {
            die("create");
        }
    }
    return (now() - start) * 1e6 / count;
}

static double stat_files(void) {
    struct stat s;
    double start = now();
    for (int i = 0; i < count; i++) {
        if (stat(name(i), &s) != 0) {
            die("stat");
        }
    }
    return (now() - start) * 1e6 / count;
}

static double stat_cold(void) {
    drop_dentries();
    return stat_files();
}

static double open_read(void) {
    double start = now();
    for (int i = 0; i < count; i++) {
        int fd = open(name(i), O_RDONLY);
        if (fd < 0 || read(fd, page, BLOCK) != BLOCK || close(fd) != 0) {
            die("open and read");
        }
    }
    return (now() - start) * 1e6 / count;
}

static double readdir_stat(void) {
    drop_dentries();
    int entries = 0;
    struct stat s;
    double start = now();
    DIR *dir = opendir(".");
    if (dir == NULL) {
        die("opendir");
    }
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (fstatat(dirfd(dir), e->d_name, &s, AT_SYMLINK_NOFOLLOW) != 0) {
            die("fstatat");
        }
        entries++;
    }
    double took = now() - start;
    closedir(dir);
    return took * 1e6 / entries;
}

static double pwrite_open(void) {
    int fd = open(name(0), O_RDWR);
    if (fd < 0) {
        die("open");
    }
    double start = now();
    for (int i = 0; i < count; i++) {
        if (pwrite(fd, page, BLOCK, (off_t)(i % 64) * BLOCK) != BLOCK) {
            die("pwrite");
        }
    }
    double took = now() - start;
    close(fd);
    return took * 1e6 / count;
}

static double unlink_files(void) {
    double start = now();
    for (int i = 0; i < count; i++) {
        if (unlink(name(i)) != 0) {
            die("unlink");
        }
    }
    return (now() - start) * 1e6 / count;
}

static double gigabytes_a_second(double seconds) {
    return (double)megabytes * MIB / seconds / 1e9;
}

static double sequential_write(void) {
    double start = now();
    int fd = open("big", O_CREAT | O_TRUNC | O_WRONLY, 0644);
    if (fd < 0) {
        die("open");
    }
    for (int i = 0; i < megabytes; i++) {
        if (write(fd, mebibyte, MIB) != MIB) {
            die("write");
        }
    }
    if (close(fd) != 0) {
        die("close");
    }
    return gigabytes_a_second(now() - start);
}

static void read_big(void) {
    int fd = open("big", O_RDONLY);
    if (fd < 0) {
        die("open");
    }
    for (int i = 0; i < megabytes; i++) {
        if (read(fd, mebibyte, MIB) != MIB) {
            die("read");
        }
    }
    close(fd);
}

static double sequential_read(void) {
    read_big();
    double start = now();
    read_big();
    return gigabytes_a_second(now() - start);
}

static uint64_t touch_big(void) {
    int fd = open("big", O_RDONLY);
    if (fd < 0) {
        die("open");
    }
    size_t length = (size_t)megabytes * MIB;
    uint64_t *words = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0);
    if (words == MAP_FAILED) {
        die("mmap");
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < length / sizeof *words; i++) {
        sum += words[i];
    }
    munmap(words, length);
    close(fd);
    return sum;
}

static double mapped_read(void) {
    volatile uint64_t sum = touch_big();
    double start = now();
    sum += touch_big();
    (void)sum;
    return gigabytes_a_second(now() - start);
}

static double remove_big(void) {
    if (unlink("big") != 0) {
        die("unlink");
    }
    return 0;
}

// Paths through "way/", an ordinary directory or a junction: what crossing it costs.
static double through_warm(void) {
    struct stat s;
    if (stat("way/f", &s) != 0) {
        die("way/f");
    }
    double start = now();
    for (int i = 0; i < count; i++) {
        if (stat("way/f", &s) != 0) {
            die("stat");
        }
    }
    return (now() - start) * 1e6 / count;
}

static double through_open(void) {
    double start = now();
    for (int i = 0; i < count; i++) {
        int fd = open("way/f", O_RDONLY);
        if (fd < 0 || close(fd) != 0) {
            die("open");
        }
    }
    return (now() - start) * 1e6 / count;
}

static const struct {
    const char *name;
    double (*measure)(void);
} ROWS[] = {
    {"create", create_files},         {"stat-cold", stat_cold},     {"stat-cached", stat_files},
    {"open-read", open_read},         {"readdir-stat", readdir_stat}, {"pwrite", pwrite_open},
    {"unlink", unlink_files},         {"seq-write", sequential_write}, {"seq-read", sequential_read},
    {"mmap-read", mapped_read},       {"remove-big", remove_big},   {"through-stat", through_warm},
    {"through-open", through_open},
};

static int time_command(char **command) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    double start = now();
    pid_t pid;
    errno = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
    int status;
    if (errno != 0 || waitpid(pid, &status, 0) != pid) {
        die(command[0]);
    }
    printf("%.1f\n", (now() - start) * 1e3);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv) {
    if (argc >= 3 && strcmp(argv[1], "--time") == 0) {
        return time_command(argv + 2);
    }
    if (argc < 5) {
        fprintf(stderr, "usage: ops DIR COUNT MEGABYTES ROW...\n       ops --time COMMAND...\n");
        return 2;
    }
    count = atoi(argv[2]);
    megabytes = atoi(argv[3]);
    mebibyte = malloc(MIB);
    if (mebibyte == NULL || count <= 0 || chdir(argv[1]) != 0) {
        die(argv[1]);
    }
    memset(mebibyte, 'x', MIB);
    memset(page, 'y', BLOCK);
    for (int a = 4; a < argc; a++) {
        int found = 0;
        for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
            if (strcmp(ROWS[r].name, argv[a]) == 0) {
                printf("%s %.4f\n", argv[a], ROWS[r].measure());
                fflush(stdout);
                found = 1;
            }
        }
        if (!found) {
            fprintf(stderr, "ops: no row \"%s\"\n", argv[a]);
            return 2;
        }
    }
    return 0;
}
