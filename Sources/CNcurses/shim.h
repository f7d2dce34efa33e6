#pragma once
// The door to ncurses (wide). Names Swift cannot import (macros, mutable globals, variadic functions)
// get a function here.
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

// From term.h, whose hundreds of macros would come along with it.
extern char *tigetstr(const char *name);
extern int setupterm(const char *name, int descriptor, int *result);
extern int wcwidth(wchar_t character);

static inline WINDOW *curses_window(void) { return stdscr; }
static inline int curses_rows(void) { return LINES; }
static inline int curses_columns(void) { return COLS; }
static inline int curses_colors(void) { return COLORS; }
static inline int curses_pairs(void) { return COLOR_PAIRS; }

static inline attr_t curses_bold(void) { return A_BOLD; }
static inline attr_t curses_dim(void) { return A_DIM; }
static inline attr_t curses_underline(void) { return A_UNDERLINE; }
static inline attr_t curses_reverse(void) { return A_REVERSE; }

static inline mmask_t curses_mouse_mask(void) {
  return BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON4_PRESSED | BUTTON5_PRESSED;
}
static inline int curses_is_press(mmask_t state) { return (state & BUTTON1_PRESSED) != 0; }
static inline int curses_is_release(mmask_t state) { return (state & BUTTON1_RELEASED) != 0; }
static inline int curses_is_wheel_up(mmask_t state) { return (state & BUTTON4_PRESSED) != 0; }
static inline int curses_is_wheel_down(mmask_t state) { return (state & BUTTON5_PRESSED) != 0; }
static inline int curses_function_key(int number) { return KEY_F(number); }

// The pair argument is a short; the last pointer carries an int.
static inline int curses_setcchar(cchar_t *cell, const wchar_t *text, attr_t attributes, int pair) {
  return setcchar(cell, text, attributes, 0, &pair);
}

// Only LC_CTYPE: the others would bring decimal commas. C.UTF-8 stands in for locales that are not
// there or not UTF-8.
static inline int curses_use_utf8(void) {
  setlocale(LC_CTYPE, "");
  if (!strcmp(nl_langinfo(CODESET), "UTF-8")) return 1;
  return setlocale(LC_CTYPE, "C.UTF-8") && !strcmp(nl_langinfo(CODESET), "UTF-8");
}
