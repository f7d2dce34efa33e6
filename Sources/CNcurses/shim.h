#pragma once
// The door to ncurses (wide). Names Swift cannot import (macros, mutable globals, variadic functions)
// get a function here.
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#include <curses.h>
