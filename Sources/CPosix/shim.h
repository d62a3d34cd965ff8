/* What Glibc's Swift module leaves out: macros, variadic calls and GNU-only structures. */
#ifndef COFFER_POSIX_SHIM_H
#define COFFER_POSIX_SHIM_H
/* No feature macro is set here: Glibc's own Swift module must see the same declarations. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* The peer's uid on a connected Unix socket; -1 where the kernel does not say. */
static inline long posix_peer_uid(int fd) {
  struct { int pid; unsigned uid, gid; } c; /* struct ucred of unix(7) */
  socklen_t n = sizeof c;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &n) != 0) return -1;
  return (long)c.uid;
}
static inline int posix_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
/* No core files, no ptrace by others, no /proc/self/mem for them. 0 when all three took hold.
   A crash ends the process at once: the Swift runtime's own handler would print the stack's memory,
   and waits for ever for a tracer that is not let in. */
static inline int posix_harden(void) {
  static const int crashes[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
  for (unsigned i = 0; i < sizeof crashes / sizeof *crashes; i++) signal(crashes[i], SIG_DFL);
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
/* Starts a program in a session of its own, in /, with nothing but /dev/null and `given` as
   descriptor 3; 0 or an error number. */
static inline int posix_spawn_detached(const char *program, char *const arguments[], int given) {
  extern char **environ;
  /* A GNU function of glibc 2.29. */
  extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  pid_t child;
  int rc = posix_spawn_file_actions_init(&actions);
  if (rc != 0) return rc;
  rc = posix_spawnattr_init(&attributes);
  if (rc == 0) {
    sigemptyset(&none);
    sigfillset(&all);
    rc = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
         | posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
         | posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
         | posix_spawn_file_actions_adddup2(&actions, given, 3)
         | posix_spawn_file_actions_addchdir_np(&actions, "/")
         | posix_spawnattr_setflags(&attributes, 0x80 /* POSIX_SPAWN_SETSID, a GNU name */
                                    | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
         | posix_spawnattr_setsigmask(&attributes, &none)
         | posix_spawnattr_setsigdefault(&attributes, &all);
    if (rc == 0) rc = posix_spawn(&child, program, &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return rc;
}
/* Runs a program on our own terminal to its end; its exit status, 128 and the signal that ended it, or
   minus an error number. */
static inline int posix_run_to_end(const char *program, char *const arguments[]) {
  extern char **environ;
  pid_t child;
  int status = 0;
  int rc = posix_spawn(&child, program, NULL, NULL, arguments, environ);
  if (rc != 0) return -rc;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -errno;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
/* A Unix address; -1 with ENAMETOOLONG for a path that does not fit. */
static inline int posix_unix_address(const char *path, struct sockaddr_un *a) {
  memset(a, 0, sizeof *a);
  a->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof a->sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(a->sun_path, path);
  return 0;
}
static inline int posix_unix_connect(int fd, const char *path) {
  struct sockaddr_un a;
  if (posix_unix_address(path, &a) != 0) return -1;
  return connect(fd, (struct sockaddr *)&a, sizeof a);
}
static inline int posix_unix_bind(int fd, const char *path) {
  struct sockaddr_un a;
  if (posix_unix_address(path, &a) != 0) return -1;
  return bind(fd, (struct sockaddr *)&a, sizeof a);
}
/* A descriptor that becomes readable when one of the signals arrives; they are blocked from now on. */
static inline int posix_signal_descriptor(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
  if (pthread_sigmask(SIG_BLOCK, &set, 0) != 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
/* The next signal of such a descriptor, 0 for none. */
static inline int posix_next_signal(int fd) {
  struct signalfd_siginfo info;
  return read(fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}
static inline const char *posix_error_text(int code) { return strerror(code); }
/* A descriptor that becomes readable when the process ends; -1 where there is none. */
static inline int posix_pidfd(pid_t process) { return (int)syscall(434 /* pidfd_open(2) */, process, 0); }
/* A program at the other end of three pipes; every descriptor here is non-blocking. */
struct posix_child {
  pid_t process;
  int input, output, errors;
};
/* What a sandboxed program may use. */
struct posix_limits {
  unsigned long cpu_seconds, memory_bytes, descriptors;
  int may_fork; /* threads count too */
};
/* What happens between fork and exec: only calls that signal-safety(7) allows. */
static inline int posix_enter_sandbox(const char *folder, const struct posix_limits *limits,
                                      pid_t parent) {
  struct rlimit none = {0, 0}, cpu = {limits->cpu_seconds, limits->cpu_seconds + 1};
  struct rlimit memory = {limits->memory_bytes, limits->memory_bytes};
  struct rlimit files = {limits->descriptors, limits->descriptors};
  sigset_t empty;
  /* Signals of the C library's own (32, 33) and the two that cannot be caught say no: not heeded. */
  for (int i = 1; i < 65; i++) signal(i, SIG_DFL);
  sigemptyset(&empty);
  int bad = sigprocmask(SIG_SETMASK, &empty, 0);
  bad |= setsid() < 0;
  bad |= prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  bad |= prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  /* The parent may have ended before its death could be heard of. */
  if (getppid() != parent) bad = -1;
  bad |= chdir(folder);
  bad |= setrlimit(RLIMIT_CORE, &none) | setrlimit(RLIMIT_FSIZE, &none);
  bad |= setrlimit(RLIMIT_CPU, &cpu) | setrlimit(RLIMIT_AS, &memory);
  bad |= setrlimit(RLIMIT_NOFILE, &files);
  if (!limits->may_fork) bad |= setrlimit(RLIMIT_NPROC, &none);
  return bad;
}
/* Closes every descriptor from `first` on. */
static inline void posix_close_from(int first) {
  if (syscall(436 /* close_range(2) */, (unsigned)first, ~0u, 0) == 0) return;
  for (int fd = first; fd < 65536; fd++) close(fd);
}
/* Starts a program with three pipes, no other descriptor and exactly this environment; it is killed
   when the thread that called this ends. 0 or an error number. */
static inline int posix_spawn_sandboxed(const char *program, const char *folder,
                                        char *const arguments[], char *const environment[],
                                        const struct posix_limits *limits,
                                        struct posix_child *child) {
  /* Input, output, errors, and what went wrong before the program ran. */
  int ends[4][2] = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
  int error = 0;
  pid_t parent = getpid();
  for (int i = 0; i < 4 && error == 0; i++)
    if (syscall(SYS_pipe2, ends[i], O_CLOEXEC) != 0) error = errno;
  if (error == 0) {
    child->process = fork();
    if (child->process < 0) error = errno;
  }
  if (error == 0 && child->process == 0) {
    /* 0, 1 and 2 are open in the parent, so that none of the pipes' ends is among them. */
    int bad = dup2(ends[0][0], 0) < 0 || dup2(ends[1][1], 1) < 0 || dup2(ends[2][1], 2) < 0
              || dup2(ends[3][1], 3) < 0 || fcntl(3, F_SETFD, FD_CLOEXEC) != 0;
    posix_close_from(4);
    if (!bad && posix_enter_sandbox(folder, limits, parent) == 0)
      execve(program, arguments, environment);
    error = errno ? errno : EINVAL;
    (void)!write(3, &error, sizeof error);
    _exit(127);
  }
  close(ends[0][0]);
  close(ends[1][1]);
  close(ends[2][1]);
  close(ends[3][1]);
  if (error == 0 && read(ends[3][0], &error, sizeof error) <= 0) error = 0;
  close(ends[3][0]);
  child->input = ends[0][1];
  child->output = ends[1][0];
  child->errors = ends[2][0];
  if (error != 0) {
    close(child->input);
    close(child->output);
    close(child->errors);
    if (child->process > 0) waitpid(child->process, 0, 0);
    return error;
  }
  fcntl(child->input, F_SETFL, O_NONBLOCK);
  fcntl(child->output, F_SETFL, O_NONBLOCK);
  fcntl(child->errors, F_SETFL, O_NONBLOCK);
  return 0;
}
#endif
