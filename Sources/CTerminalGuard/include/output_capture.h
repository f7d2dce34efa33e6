#pragma once
#include <sys/types.h>
/// A file in memory that takes what the process prints, so that a writer never waits for a reader;
/// -1 with errno if the system refuses.
int output_capture_open(void);
/// Gives back the memory of the part before `end`, which has been read. `end` counts bytes from
/// the file's start and keeps its meaning afterwards.
void output_capture_discard(int descriptor, off_t end);
