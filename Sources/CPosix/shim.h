/* What Glibc's Swift module leaves out: macros, variadic calls and GNU-only structures. */
#ifndef COFFER_POSIX_SHIM_H
#define COFFER_POSIX_SHIM_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

/* The peer's uid on a connected Unix socket; -1 where the kernel does not say. */
static inline long posix_peer_uid(int fd) {
  struct ucred c;
  socklen_t n = sizeof c;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &n) != 0) return -1;
  return (long)c.uid;
}
static inline int posix_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
/* No core files, no ptrace by others, no /proc/self/mem for them. 0 when all three took hold. */
static inline int posix_harden(void) {
  struct rlimit none = {0, 0};
  int bad = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) | setrlimit(RLIMIT_CORE, &none);
  bad |= prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return bad;
}
static inline void posix_wipe(void *p, size_t n) { explicit_bzero(p, n); }
static inline int posix_dontdump(void *p, size_t n) { return madvise(p, n, MADV_DONTDUMP); }
static inline int posix_wipeonfork(void *p, size_t n) { return madvise(p, n, MADV_WIPEONFORK); }
static inline int posix_winsize(int fd, int *rows, int *columns) {
  struct winsize w;
  if (ioctl(fd, TIOCGWINSZ, &w) != 0) return -1;
  *rows = w.ws_row;
  *columns = w.ws_col;
  return 0;
}
/* Bytes the terminal has not taken yet; -1 where it does not say. */
static inline int posix_output_queue(int fd) {
  int n = 0;
  return ioctl(fd, TIOCOUTQ, &n) == 0 ? n : -1;
}
static inline const char *posix_error_text(int code) { return strerror(code); }
#endif
