#include "terminal_guard.h"

#include <signal.h>

// Curses leaves its handlers behind when it ends, and they would work on a screen that is gone.
static const int taken_signals[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
enum { taken_count = sizeof taken_signals / sizeof *taken_signals };
static struct sigaction before[taken_count];
static struct sigaction during[taken_count];

void terminal_signals_remember(void) {
  for (int i = 0; i < taken_count; i++) sigaction(taken_signals[i], 0, &before[i]);
}

void terminal_signals_note(void) {
  for (int i = 0; i < taken_count; i++) sigaction(taken_signals[i], 0, &during[i]);
}

void terminal_signals_restore(void) {
  for (int i = 0; i < taken_count; i++) {
    struct sigaction now;
    sigaction(taken_signals[i], 0, &now);
    if (now.sa_handler == during[i].sa_handler) sigaction(taken_signals[i], &before[i], 0);
  }
}
