#pragma once
/// Remembers the terminal's settings as they are now, before the screen is taken.
void terminal_guard_remember(void);
/// Names the terminal's descriptors while the screen holds it, and copies of the process's own
/// standard output and error, which are put back before a fault is reported, and the file that
/// captures what is printed, whose end is shown then; -1 for what there is not.
void terminal_guard_hold(int terminal, int standard_output, int standard_error, int capture);
/// The screen has given the terminal back: nothing is left to restore.
void terminal_guard_release(void);
/// Restores the terminal when the process faults or exits, then lets the earlier handler run.
void terminal_guard_install(void);

/// Remembers how the process treats the signals that curses takes for itself. Call it before the
/// screen is taken.
void terminal_signals_remember(void);
/// Notes what curses has made of them. Call it when the screen has been taken.
void terminal_signals_note(void);
/// Puts back what was remembered, except where somebody else has changed it since.
void terminal_signals_restore(void);
