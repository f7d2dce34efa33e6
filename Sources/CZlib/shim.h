#pragma once
// The door to zlib: Swift imports what it needs from the library's own header.
#include <zlib.h>
