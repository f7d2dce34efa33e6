#include "terminal_guard.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

// Everything a handler touches is plain data set before it can run, and every call it makes is
// async-signal-safe.
static struct termios remembered;
static int has_remembered;
static int held_terminal = -1;
static int held_output = -1;
static int held_error = -1;
static int held_capture = -1;
static volatile sig_atomic_t is_held;
static int is_installed;

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
enum { fatal_signal_count = sizeof fatal_signals / sizeof *fatal_signals };
static struct sigaction earlier[fatal_signal_count];

// Synchronized output off, mouse off, plain text, cursor shown, main screen, keypad as usual.
static const char reset_sequence[] =
    "\033[?2026l\033[?1006l\033[?1003l\033[?1002l\033[?1000l\033[0m\033[?25h\033[?1049l\033[?1l\033>\r";

// What was printed last and nobody has read, such as the words of a failed precondition. Text that
// has been read is gone from the file and reads as zeros.
static void show_captured_end(void) {
  char buffer[4096];
  off_t end = lseek(held_capture, 0, SEEK_END);
  off_t start = end > (off_t)sizeof buffer ? end - (off_t)sizeof buffer : 0;
  ssize_t count = pread(held_capture, buffer, sizeof buffer, start);
  ssize_t first = 0;
  while (first < count && !buffer[first]) first++;
  if (first >= count) return;
  ssize_t written = write(STDERR_FILENO, buffer + first, (size_t)(count - first));
  (void)written;
}

static void restore_terminal(void) {
  if (!__atomic_exchange_n(&is_held, 0, __ATOMIC_ACQ_REL)) return;
  ssize_t written = write(held_terminal, reset_sequence, sizeof reset_sequence - 1);
  (void)written;
  if (has_remembered) tcsetattr(held_terminal, TCSANOW, &remembered);
  if (held_output >= 0) dup2(held_output, STDOUT_FILENO);
  if (held_error >= 0) dup2(held_error, STDERR_FILENO);
  if (held_capture >= 0) show_captured_end();
}

static void on_fatal_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  restore_terminal();
  // A signal that was sent does not repeat: it ends the process at once, without the earlier
  // handler, which counts on a fault that repeats and would let the process go on.
  if (number == SIGABRT || !info || info->si_code <= 0) {
    signal(number, SIG_DFL);
    raise(number);
    return;
  }
  // A fault repeats by itself and meets the earlier handler.
  for (int i = 0; i < fatal_signal_count; i++) {
    if (fatal_signals[i] == number) sigaction(number, &earlier[i], 0);
  }
}

void terminal_guard_remember(void) {
  has_remembered = tcgetattr(STDIN_FILENO, &remembered) == 0;
}

void terminal_guard_hold(int terminal, int standard_output, int standard_error, int capture) {
  held_terminal = terminal;
  held_capture = capture;
  held_output = standard_output;
  held_error = standard_error;
  __atomic_store_n(&is_held, 1, __ATOMIC_RELEASE);
}

void terminal_guard_release(void) { __atomic_store_n(&is_held, 0, __ATOMIC_RELEASE); }

void terminal_guard_install(void) {
  if (is_installed) return;
  is_installed = 1;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fatal_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < fatal_signal_count; i++) {
    sigaction(fatal_signals[i], &action, &earlier[i]);
  }
  atexit(restore_terminal);
}
