/* What Swift cannot see of ncurses (macros, casts, globals), and what must be C: signal handlers. */
#ifndef COFFER_NCURSES_SHIM_H
#define COFFER_NCURSES_SHIM_H
/* No feature macro of the C library is set here: Glibc's own Swift module must see the same
   declarations. */
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#include <errno.h>
#include <fcntl.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

/* From <term.h>, whose macros (lines, columns, ...) nobody wants to import; and one that <wchar.h>
   hides behind a feature macro. */
int setupterm(const char *term, int fd, int *result);
int wcwidth(wchar_t c);

/* One row of cells: three code points for each (base, mark, mark), base 0 for the second half of a
   wide one. A code point whose width the C library sees differently would shift the rest of the
   row in ncurses' eyes, so it is replaced by question marks; a mark is left out. */
enum { nc_row_limit = 1024 };
static inline int nc_row(WINDOW *w, int y, int x, const uint32_t *codes, int n, uint32_t attributes,
                         int pair) {
  static cchar_t row[nc_row_limit];
  int used = 0;
  if (n > nc_row_limit) n = nc_row_limit;
  for (int i = 0; i < n; i++) {
    const uint32_t *c = codes + 3 * i;
    if (c[0] == 0) continue;
    int is_wide = i + 1 < n && c[3] == 0;
    wchar_t text[4] = {(wchar_t)c[0], 0, 0, 0};
    int fits = c[0] < 127 || wcwidth((wchar_t)c[0]) == 1 + is_wide;
    if (!fits) text[0] = L'?';
    for (int m = 1, at = 1; fits && m < 3; m++)
      if (c[m] != 0 && wcwidth((wchar_t)c[m]) == 0) text[at++] = (wchar_t)c[m];
    if (setcchar(&row[used++], text, attributes, 0, &pair) != OK) return ERR;
    if (is_wide && !fits) row[used] = row[used - 1], used++;
  }
  return mvwadd_wchnstr(w, y, x, row, used);
}

static inline uint32_t nc_bold(void) { return A_BOLD; }
static inline uint32_t nc_dim(void) { return A_DIM; }
static inline uint32_t nc_italic(void) { return A_ITALIC; }
static inline uint32_t nc_underline(void) { return A_UNDERLINE; }
static inline uint32_t nc_reverse(void) { return A_REVERSE; }

static inline int nc_colors(void) { return has_colors() ? COLORS : 0; }
static inline int nc_pairs(void) { return COLOR_PAIRS; }
static inline SCREEN *nc_newterm(void) { return newterm(NULL, stdout, stdin); }
static inline WINDOW *nc_screen(void) { return stdscr; }

/* A string capability without its padding, into a buffer; 0 when there is none. */
static inline size_t nc_capability(const char *name, char *into, size_t room) {
  const char *s = tigetstr((char *)name);
  if (s == NULL || s == (const char *)-1) return 0;
  size_t n = 0;
  while (*s != 0 && n < room) {
    if (s[0] == '$' && s[1] == '<') {
      while (*s != 0 && *s != '>') s++;
      if (*s != 0) s++;
    } else {
      into[n++] = *s++;
    }
  }
  return n;
}

/* Signals. The handlers only write: a number into a pipe, or the prepared text and the saved modes
   to the terminal. All of it is state of the process and is touched from one Swift file. */
static int nc_pipe[2] = {-1, -1};
struct nc_rescue {
  volatile sig_atomic_t armed;
  int fd;
  struct termios saved;
  size_t count;
  char text[512];
};
static inline struct nc_rescue *nc_rescue_state(void) {
  static struct nc_rescue state;
  return &state;
}

/* Drops what the terminal has not taken, if a write to it would wait. */
static inline void nc_make_room(int fd) {
  struct pollfd out = {fd, POLLOUT, 0};
  if (poll(&out, 1, 0) == 0) tcflush(fd, TCOFLUSH);
}

static void nc_drain_on_alarm(int number) {
  (void)number;
  int saved = errno;
  nc_make_room(STDOUT_FILENO);
  errno = saved;
}

/* Makes room now and every 50 ms from now on: a frame may be longer than what fits at once, and the
   signal may have come before the write that will wait. */
static inline void nc_keep_room(void) {
  const struct itimerval often = {{0, 50000}, {0, 50000}};
  setitimer(ITIMER_REAL, &often, NULL);
  nc_make_room(STDOUT_FILENO);
}

static void nc_note_signal(int number) {
  int saved = errno;
  /* Who is to leave must not hang in a write to a terminal that takes nothing. */
  if (number == SIGTERM || number == SIGHUP) nc_keep_room();
  unsigned char byte = (unsigned char)number;
  ssize_t ignored = write(nc_pipe[1], &byte, 1);
  (void)ignored;
  errno = saved;
}

/* Whoever started the program may have had the signal blocked. */
static inline void nc_unblock(int number) {
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, number);
  sigprocmask(SIG_UNBLOCK, &one, NULL);
}

static void nc_crash(int number) {
  struct nc_rescue *rescue = nc_rescue_state();
  if (rescue->armed) {
    rescue->armed = 0;
    nc_make_room(rescue->fd);
    ssize_t ignored = write(rescue->fd, rescue->text, rescue->count);
    (void)ignored;
    tcsetattr(rescue->fd, TCSANOW, &rescue->saved);
  }
  signal(number, SIG_DFL);
  raise(number);
  nc_unblock(number);
}

/* Sends the signals named to a pipe and gives its reading end; -1 when that fails. A signal that is
   ignored stays ignored. */
static inline int nc_catch_signals(const int *numbers, int count) {
  if (nc_pipe[0] < 0) {
    if (pipe(nc_pipe) != 0) return -1;
    for (int i = 0; i < 2; i++) {
      fcntl(nc_pipe[i], F_SETFD, FD_CLOEXEC);
      fcntl(nc_pipe[i], F_SETFL, O_NONBLOCK);
    }
  }
  struct sigaction alarm;
  memset(&alarm, 0, sizeof alarm);
  alarm.sa_handler = nc_drain_on_alarm;
  alarm.sa_flags = SA_RESTART;
  sigfillset(&alarm.sa_mask);
  sigaction(SIGALRM, &alarm, NULL);
  nc_unblock(SIGALRM);
  for (int i = 0; i < count; i++) {
    struct sigaction old, ours;
    memset(&ours, 0, sizeof ours);
    ours.sa_handler = nc_note_signal;
    ours.sa_flags = SA_RESTART;
    sigfillset(&ours.sa_mask);
    if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    sigaction(numbers[i], &ours, NULL);
    nc_unblock(numbers[i]);
  }
  return nc_pipe[0];
}

/* Stops the process group as Ctrl-Z does, and returns when it goes on. */
static inline void nc_stop(void) {
  struct sigaction ours, plain;
  memset(&plain, 0, sizeof plain);
  plain.sa_handler = SIG_DFL;
  sigaction(SIGTSTP, &plain, &ours);
  kill(0, SIGTSTP);
  sigaction(SIGTSTP, &ours, NULL);
}

/* Installs the crash handler on a stack of its own. */
static inline void nc_catch_crashes(void) {
  static char stack[65536];
  stack_t other = {.ss_sp = stack, .ss_flags = 0, .ss_size = sizeof stack};
  sigaltstack(&other, NULL);
  const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    struct sigaction ours;
    memset(&ours, 0, sizeof ours);
    ours.sa_handler = nc_crash;
    ours.sa_flags = SA_ONSTACK;
    sigemptyset(&ours.sa_mask);
    sigaction(numbers[i], &ours, NULL);
    nc_unblock(numbers[i]);
  }
}

/* What a crash is to send, and the modes it is to set. */
static inline void nc_arm_rescue(int fd, const struct termios *saved, const char *text, size_t n) {
  struct nc_rescue *rescue = nc_rescue_state();
  rescue->armed = 0;
  if (n > sizeof rescue->text) n = sizeof rescue->text;
  rescue->fd = fd;
  rescue->saved = *saved;
  memcpy(rescue->text, text, n);
  rescue->count = n;
  rescue->armed = 1;
}
static inline void nc_disarm_rescue(void) { nc_rescue_state()->armed = 0; }
#endif
