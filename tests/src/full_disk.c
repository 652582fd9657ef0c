/* While the file FULL_DISK_SWITCH is there, no regular file under the folder FULL_DISK_UNDER grows: what would make
 * it longer fails with ENOSPC. What is within its length is written, as on a full disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define NEXT(name) \
    static __typeof__(name) *next; \
    if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

/* Whether `length` bytes at `offset` (or, below 0, where the file stands) ask for room that is not there. */
static int no_room(int fd, off_t offset, off_t length) {
    const char *gate = getenv("FULL_DISK_SWITCH"), *under = getenv("FULL_DISK_UNDER");
    if (!gate || !under || access(gate, F_OK) != 0) return 0;
    int before = errno;
    char link[64], path[4096];
    struct stat held;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t named = readlink(link, path, sizeof path - 1);
    int full = 0;
    if (named > 0 && fstat(fd, &held) == 0 && S_ISREG(held.st_mode)) {
        path[named] = 0;
        if (strncmp(path, under, strlen(under)) == 0) {
            if (offset < 0)
                offset = fcntl(fd, F_GETFL) & O_APPEND ? held.st_size : lseek(fd, 0, SEEK_CUR);
            full = offset + length > held.st_size;
        }
    }
    errno = full ? ENOSPC : before;
    return full;
}

static off_t sum(const struct iovec *pieces, int count) {
    off_t length = 0;
    for (int n = 0; n < count; n++) length += (off_t)pieces[n].iov_len;
    return length;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    NEXT(write);
    return no_room(fd, -1, (off_t)length) ? -1 : next(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    NEXT(pwrite);
    return no_room(fd, offset, (off_t)length) ? -1 : next(fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    NEXT(pwrite64);
    return no_room(fd, offset, (off_t)length) ? -1 : next(fd, bytes, length, offset);
}

ssize_t writev(int fd, const struct iovec *pieces, int count) {
    NEXT(writev);
    return no_room(fd, -1, sum(pieces, count)) ? -1 : next(fd, pieces, count);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t offset) {
    NEXT(pwritev);
    return no_room(fd, offset, sum(pieces, count)) ? -1 : next(fd, pieces, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off64_t offset) {
    NEXT(pwritev64);
    return no_room(fd, offset, sum(pieces, count)) ? -1 : next(fd, pieces, count, offset);
}

/* These two give the error instead of setting it. */
int posix_fallocate(int fd, off_t offset, off_t length) {
    NEXT(posix_fallocate);
    return no_room(fd, offset, length) ? ENOSPC : next(fd, offset, length);
}

int posix_fallocate64(int fd, off64_t offset, off64_t length) {
    NEXT(posix_fallocate64);
    return no_room(fd, offset, length) ? ENOSPC : next(fd, offset, length);
}
