#pragma once
/// Remembers the terminal's settings as they are now, before the screen is taken.
void terminal_guard_remember(void);
/// Restores the terminal when the process faults, then lets the earlier handler run.
void terminal_guard_install(void);
